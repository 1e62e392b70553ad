import type { TransactWriteItem } from "@aws-sdk/client-dynamodb";
import { mapLimit } from "../shared/map-limit.ts";
import type { FoldedWrite } from "./batch-fold.ts";
import type { DynamodbTable } from "./dynamodb-table.ts";
import { directoryOf, itemKey, type RowKey } from "./row-keys.ts";
import { type Attributes, keyAttributes } from "./state-row.ts";
import {
  asVersion,
  chunksOfPlans,
  type Expiry,
  MAX_ACTIONS,
  type PlanTarget,
  pieceRows,
  planWrite,
  replacedPieceKeys,
  seenRow,
  type WritePlan,
} from "./write-plan.ts";

const CONCURRENCY = 8;
/** How long earlier versions are kept once the position has passed them: longer than any read takes. */
const HISTORY_S = 15 * 60;
/** How long a row says that its item is gone: longer than any projector sleeps between reading and writing. */
const GONE_S = 7 * 24 * 3_600;
/** Partitions that are remembered to be in the directory. */
const MAX_PARTITIONS = 100_000;

/** Writes what a batch of entries did to the items of one generation. */
export class ItemWriter {
  readonly #table: DynamodbTable;
  readonly #target: PlanTarget;
  readonly #partitions = new Set<string>();

  constructor(table: DynamodbTable, generation: number) {
    this.#table = table;
    this.#target = { table: table.name, generation };
  }

  /** What has to be there before items are: pieces of large values, and new partitions in the directory. */
  async prepare(writes: readonly FoldedWrite[]): Promise<void> {
    const { generation } = this.#target;
    const isNew = ({ old, partition }: FoldedWrite): boolean =>
      old.version === 0 && !this.#partitions.has(partition);
    const partitions = [...new Set(writes.filter(isNew).map(({ partition }) => partition))];
    const rows = partitions.map((sk) => keyAttributes({ pk: directoryOf(generation), sk }));
    const pieces = writes.flatMap((write) => pieceRows(generation, write));
    await this.#table.putMany([...rows, ...pieces]);
    if (this.#partitions.size + partitions.length > MAX_PARTITIONS) this.#partitions.clear();
    for (const partition of partitions) this.#partitions.add(partition);
  }

  /**
   * Writes items and moves the position in one transaction: earlier versions are due to expire at once. Nothing was
   * written when they are `too many` for one, or when something is `changed` from what the fold has seen.
   */
  async writeWhole(
    writes: readonly FoldedWrite[],
    move: TransactWriteItem,
  ): Promise<"written" | "too many" | "changed"> {
    if (writes.length >= MAX_ACTIONS) return "too many";
    const plans = this.#plan(writes, (write) => seenRow(this.#target.generation, write), expiry());
    const [chunk = [], ...others] = chunksOfPlans(plans, MAX_ACTIONS - 1);
    if (others.length > 0) return "too many";
    const actions = [...chunk.flatMap(({ actions }) => actions), move];
    return (await this.#table.transact(actions)) ? "written" : "changed";
  }

  /**
   * Writes items in as many transactions as it takes: nobody sees them before the position has passed them. Resolves
   * with the rows that keep earlier versions; to be settled then.
   */
  async write(writes: readonly FoldedWrite[]): Promise<Attributes[]> {
    const { generation } = this.#target;
    const seen = writes.map((write) => seenRow(generation, write));
    const plans = this.#plan(writes, (_, i) => seen[i]);
    const kept = await mapLimit(chunksOfPlans(plans, MAX_ACTIONS), CONCURRENCY, (chunk) =>
      this.#writeChunk(chunk),
    );
    // Also those that were kept before a crash.
    const before = writes.flatMap((write, i) => {
      const row = seen[i];
      return row === undefined ? [] : [asVersion(generation, write, row)];
    });
    return [...before, ...kept.flat()];
  }

  /** Lets earlier versions expire, now that the position has passed them. */
  async settle(writes: readonly FoldedWrite[], kept: readonly Attributes[]): Promise<void> {
    const { generation } = this.#target;
    const { replaced, gone } = expiry();
    const rows = kept.map((row): Attributes => ({ ...row, expiresAt: { N: String(replaced) } }));
    const unique = new Map(rows.map((row) => [`${row["pk"]?.S}\n${row["sk"]?.S}`, row]));
    await this.#table.putMany([...unique.values()]);
    const ended = writes.filter(({ item }) => item.json === undefined);
    await mapLimit(ended, CONCURRENCY, (write) =>
      this.#expire(itemKey(generation, write), gone, write.item.version),
    );
    await this.settlePieces(writes);
  }

  /** Lets the pieces of what was replaced expire. */
  async settlePieces(writes: readonly FoldedWrite[]): Promise<void> {
    const keys = writes.flatMap((write) => replacedPieceKeys(this.#target.generation, write));
    await mapLimit(keys, CONCURRENCY, (key) => this.#expire(key, expiry().replaced));
  }

  /** Resolves with the rows that keep what it replaced. */
  async #writeChunk(plans: readonly WritePlan[]): Promise<Attributes[]> {
    if (await this.#table.transact(plans.flatMap(({ actions }) => actions))) {
      return plans.map(({ kept }) => kept).filter((row) => row !== undefined);
    }
    // Another projector was here, or this one before a crash: what is there now decides.
    const writes = plans.map(({ write }) => write);
    const rows = await this.#table.getMany(
      writes.map((write) => itemKey(this.#target.generation, write)),
    );
    const others = chunksOfPlans(
      this.#plan(writes, (_, i) => rows[i]),
      MAX_ACTIONS,
    );
    return (await mapLimit(others, CONCURRENCY, (chunk) => this.#writeChunk(chunk))).flat();
  }

  #plan(
    writes: readonly FoldedWrite[],
    present: (write: FoldedWrite, index: number) => Attributes | undefined,
    expiry?: Expiry,
  ): WritePlan[] {
    return writes.flatMap((write, i) => {
      return planWrite(this.#target, write, present(write, i), expiry) ?? [];
    });
  }

  /** Nothing happens to a row that was written again meanwhile, or is gone already. */
  async #expire(key: RowKey, expiresAt: number, version?: number): Promise<void> {
    const isSame = version === undefined ? "attribute_exists(pk)" : "v = :v";
    const isVersion = version === undefined ? {} : { ":v": { N: String(version) } };
    await this.#table.update({
      Key: keyAttributes(key),
      UpdateExpression: "SET expiresAt = :at",
      ConditionExpression: isSame,
      ExpressionAttributeValues: { ":at": { N: String(expiresAt) }, ...isVersion },
    });
  }
}

function expiry(): Expiry {
  const nowS = Math.floor(Date.now() / 1_000);
  return { replaced: nowS + HISTORY_S, gone: nowS + GONE_S };
}
