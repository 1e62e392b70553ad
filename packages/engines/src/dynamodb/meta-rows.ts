import { AnywireError } from "@anywire/types";
import type { DynamodbTable } from "./dynamodb-table.ts";
import { type PositionFacts, toFacts } from "./position-row.ts";
import { GENERATIONS, generationKey, generationOf, LAST_CHARACTER, META_KEY } from "./row-keys.ts";
import { keyAttributes } from "./state-row.ts";

// The rows of the partition key `meta`: which generation is the state, and which others there are.

/** How the rows are written; a later one is not for this version to read. */
const FORMAT = 1;
const KEY = keyAttributes(META_KEY);

/** A generation that is not the state. */
export interface OtherGeneration {
  readonly generation: number;
  /** When another took its place, milliseconds since the Unix epoch; undefined while it is being made. */
  readonly retiredAt: number | undefined;
}

/**
 * Makes the row that says which generation is the state, when there is none.
 * @throws {AnywireError} `unavailable` when a newer version wrote it, `storage_damaged` when it follows from another log
 */
export async function openMeta(table: DynamodbTable, epoch: string): Promise<void> {
  const row = (await table.get(META_KEY)) ?? (await makeMeta(table, epoch));
  if (Number(row?.["format"]?.N) > FORMAT) {
    throw new AnywireError(
      "unavailable",
      `the DynamoDB table ${table.name} was written by a newer version of Anywire: upgrade this one`,
    );
  }
  if (row?.["epoch"]?.S === epoch) return;
  throw new AnywireError(
    "storage_damaged",
    `the DynamoDB table ${table.name} holds the state of another log: name a table of its own for this one, or delete it, and it is made again`,
  );
}

/** Which generation is the state, and how far it has come. */
export async function readMeta(table: DynamodbTable): Promise<PositionFacts> {
  const row = await table.get(META_KEY);
  if (row !== undefined) return toFacts(row);
  throw new AnywireError(
    "storage_damaged",
    `the DynamoDB table ${table.name} has lost its first row: delete the table, and it is made again`,
  );
}

/** Holds the position still for a rebuild; false while another does. */
export async function freeze(
  table: DynamodbTable,
  generation: number,
  token: string,
): Promise<boolean> {
  const changed = await table.update({
    Key: KEY,
    UpdateExpression: "SET f = :f",
    ConditionExpression: "g = :g AND (attribute_not_exists(f) OR f = :f)",
    ExpressionAttributeValues: { ":f": { S: token }, ":g": { N: String(generation) } },
  });
  return changed !== undefined;
}

/** Lets the position move again, if it is still held by this. */
export async function unfreeze(table: DynamodbTable, token: string): Promise<void> {
  await table.update({
    Key: KEY,
    UpdateExpression: "REMOVE f",
    ConditionExpression: "f = :f",
    ExpressionAttributeValues: { ":f": { S: token } },
  });
}

/** Generations beside the state, lowest first. */
export async function otherGenerations(table: DynamodbTable): Promise<OtherGeneration[]> {
  const found: OtherGeneration[] = [];
  const { pk, prefix: lower } = GENERATIONS;
  const upper = lower + LAST_CHARACTER;
  for await (const page of table.query({ pk, lower, upper, order: "asc" })) {
    for (const { sk, r } of page) {
      const retiredAt = r?.N === undefined ? undefined : Number(r.N);
      found.push({ generation: generationOf(sk?.S ?? ""), retiredAt });
    }
  }
  return found;
}

/** Begins a generation, unless another node has. */
export async function beginGeneration(table: DynamodbTable, generation: number): Promise<void> {
  await table.update({
    Key: keyAttributes(generationKey(generation)),
    UpdateExpression: "SET p = :zero, n = :zero",
    ConditionExpression: "attribute_not_exists(pk)",
    ExpressionAttributeValues: { ":zero": { N: "0" } },
  });
}

/** Leaves a generation that is being made to be swept, unless another node has. */
export async function giveUpGeneration(table: DynamodbTable, generation: number): Promise<void> {
  await table.update({
    Key: keyAttributes(generationKey(generation)),
    UpdateExpression: "SET r = :now REMOVE p, e, n",
    ConditionExpression: "attribute_exists(p)",
    ExpressionAttributeValues: { ":now": { N: String(Date.now()) } },
  });
}

/**
 * Puts a generation in the place of the state, which is left to be swept. False when the state is no longer held still
 * by this token.
 */
export async function replaceState(
  table: DynamodbTable,
  old: number,
  next: Pick<PositionFacts, "generation" | "position" | "mark" | "entries" | "token">,
): Promise<boolean> {
  const { generation, position, mark, entries, token } = next;
  const TableName = table.name;
  const [marked, unmarked] = mark === undefined ? ["", ", e"] : [", e = :e", ""];
  const replace = {
    TableName,
    Key: KEY,
    UpdateExpression: `SET g = :g, p = :p, n = :n, w = :f${marked} REMOVE f${unmarked}`,
    ConditionExpression: "g = :old AND f = :f",
    ExpressionAttributeValues: {
      ":old": { N: String(old) },
      ":g": { N: String(generation) },
      ":p": { N: String(position) },
      ":n": { N: String(entries) },
      ":f": { S: token },
      ...(mark === undefined ? {} : { ":e": { S: mark } }),
    },
  };
  const retired = { ...keyAttributes(generationKey(old)), r: { N: String(Date.now()) } };
  const made = keyAttributes(generationKey(generation));
  return await table.transact([
    { Update: replace },
    { Put: { TableName, Item: retired } },
    { Delete: { TableName, Key: made } },
  ]);
}

async function makeMeta(table: DynamodbTable, epoch: string) {
  await table.update({
    Key: KEY,
    UpdateExpression: "SET g = :g, p = :p, n = :p, epoch = :epoch, #format = :format",
    ConditionExpression: "attribute_not_exists(pk)",
    ExpressionAttributeNames: { "#format": "format" },
    ExpressionAttributeValues: {
      ":g": { N: "1" },
      ":p": { N: "0" },
      ":epoch": { S: epoch },
      ":format": { N: String(FORMAT) },
    },
  });
  // What another node made at the same time counts as well.
  return await table.get(META_KEY);
}
