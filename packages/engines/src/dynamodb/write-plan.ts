import type { StateAddress } from "@anywire/core";
import type { TransactWriteItem } from "@aws-sdk/client-dynamodb";
import type { FoldedWrite } from "./batch-fold.ts";
import { itemKey, pieceKey, type RowKey, versionKey } from "./row-keys.ts";
import {
  type Attributes,
  keyAttributes,
  piecesOfJson,
  toAttributes,
  type Version,
} from "./state-row.ts";

/** The conditional writes that bring one item to a version. */
export interface WritePlan {
  readonly write: FoldedWrite;
  readonly actions: readonly TransactWriteItem[];
  /** The row that keeps what they replace. */
  readonly kept: Attributes | undefined;
}

/** The rows of one generation. */
export interface PlanTarget {
  readonly table: string;
  readonly generation: number;
}

/** When rows that a write leaves behind may go, seconds since the Unix epoch. */
export interface Expiry {
  readonly replaced: number;
  readonly gone: number;
}

/** Writes of one transaction, by the API. */
export const MAX_ACTIONS = 100;
/** Characters of JSON in one transaction, of which DynamoDB takes 4 MB. */
const MAX_LENGTH = 1_000_000;

/**
 * How an item gets to its version over the row that is there: in the same transaction, that row is kept as an earlier
 * version. When it is the newer one, another projector was faster, and ours is kept as an earlier version. Null when
 * nothing is left to do.
 * @param expiry undefined as long as the earlier versions may be needed however long it takes
 */
export function planWrite(
  { table, generation }: PlanTarget,
  write: FoldedWrite,
  present: Attributes | undefined,
  expiry?: Expiry,
): WritePlan | null {
  const { item, sort } = write;
  const presentVersion = Number(present?.["v"]?.N ?? 0);
  if (present !== undefined && presentVersion === item.version) return null;
  const gone = item.json === undefined ? expiry?.gone : undefined;
  const row = toAttributes(itemKey(generation, write), sort, item, gone);
  if (present === undefined) {
    const actions = [putIf(table, row, "attribute_not_exists(pk)")];
    return { write, actions, kept: undefined };
  }
  if (presentVersion > item.version) {
    const Item = asVersion(generation, write, row);
    return { write, actions: [{ Put: { TableName: table, Item } }], kept: undefined };
  }
  const kept = asVersion(generation, write, present, expiry?.replaced);
  const isAsSeen = putIf(table, row, "v = :v", { ":v": { N: String(presentVersion) } });
  return { write, actions: [{ Put: { TableName: table, Item: kept } }, isAsSeen], kept };
}

/** An item's row as that of an earlier version. */
export function asVersion(
  generation: number,
  address: StateAddress,
  { expiresAt: _, ...row }: Attributes,
  expiresAt?: number,
): Attributes {
  const key = versionKey(generation, address, Number(row["v"]?.N));
  const expiry = expiresAt === undefined ? {} : { expiresAt: { N: String(expiresAt) } };
  return { ...row, ...keyAttributes(key), ...expiry };
}

/** The rows in which a value lies that is too large for one. */
export function pieceRows(generation: number, { item, ...address }: FoldedWrite): Attributes[] {
  return piecesOfJson(item.json).map((bytes, i) => {
    return { ...keyAttributes(pieceKey(generation, address, item.version, i)), b: { B: bytes } };
  });
}

/** Keys of those rows of what is replaced. */
export function replacedPieceKeys(generation: number, { old, ...address }: FoldedWrite): RowKey[] {
  return piecesOfJson(old.json).map((_, i) => pieceKey(generation, address, old.version, i));
}

/** The row that an item has as far as the fold has seen; undefined when it has seen none. */
export function seenRow(
  generation: number,
  write: StateAddress & { readonly old: Version },
): Attributes | undefined {
  const { old, sort } = write;
  return old.version === 0 ? undefined : toAttributes(itemKey(generation, write), sort, old);
}

/** Plans in groups that each fit into a transaction of so many actions. */
export function chunksOfPlans(plans: readonly WritePlan[], maxActions: number): WritePlan[][] {
  const chunks: WritePlan[][] = [];
  let actions = 0;
  let length = 0;
  for (const plan of plans) {
    const own = (plan.write.item.json?.length ?? 0) + (plan.kept?.["j"]?.S?.length ?? 0);
    actions += plan.actions.length;
    length += own;
    const chunk = chunks.at(-1);
    if (chunk !== undefined && actions <= maxActions && length <= MAX_LENGTH) {
      chunk.push(plan);
      continue;
    }
    chunks.push([plan]);
    actions = plan.actions.length;
    length = own;
  }
  return chunks;
}

function putIf(
  TableName: string,
  Item: Attributes,
  ConditionExpression: string,
  ExpressionAttributeValues?: Attributes,
): TransactWriteItem {
  const values = ExpressionAttributeValues === undefined ? {} : { ExpressionAttributeValues };
  return { Put: { TableName, Item, ConditionExpression, ...values } };
}
