import { AnywireError } from "@anywire/types";
import { ConditionFailed } from "./dynamodb-faults.ts";
import type { DynamodbTable } from "./dynamodb-table.ts";
import { type PositionFacts, toFacts } from "./position-row.ts";
import { META_KEY } from "./row-keys.ts";

/** How the rows are written; a later one is not for this version to read. */
const FORMAT = 1;
const KEY = { pk: { S: META_KEY.pk }, sk: { S: META_KEY.sk } };

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

/** Holds the position still for a rebuild, unless another does. */
export async function freeze(
  table: DynamodbTable,
  generation: number,
  token: string,
): Promise<boolean> {
  return await succeeds(
    table.update({
      Key: KEY,
      UpdateExpression: "SET f = :f",
      ConditionExpression: "g = :g AND (attribute_not_exists(f) OR f = :f)",
      ExpressionAttributeValues: { ":f": { S: token }, ":g": { N: String(generation) } },
    }),
  );
}

/** Lets the position move again. */
export async function unfreeze(table: DynamodbTable, token: string): Promise<boolean> {
  return await succeeds(
    table.update({
      Key: KEY,
      UpdateExpression: "REMOVE f",
      ConditionExpression: "f = :f",
      ExpressionAttributeValues: { ":f": { S: token } },
    }),
  );
}

async function makeMeta(table: DynamodbTable, epoch: string) {
  await succeeds(
    table.update({
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
    }),
  );
  // What another node made at the same time counts as well.
  return await table.get(META_KEY);
}

/** Whether a write's condition held. */
async function succeeds(write: Promise<unknown>): Promise<boolean> {
  try {
    await write;
    return true;
  } catch (error) {
    if (error instanceof ConditionFailed) return false;
    throw error;
  }
}
