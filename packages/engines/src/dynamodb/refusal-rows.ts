import type { Refusal } from "@anywire/core";
import type { ErrorCode } from "@anywire/types";
import type { RefusedEntry } from "./batch-fold.ts";
import type { DynamodbTable } from "./dynamodb-table.ts";
import { refusalKey } from "./row-keys.ts";
import { keyAttributes } from "./state-row.ts";

/** How long it is known why an entry was refused. */
const KEPT_S = 24 * 3_600;

/** Keeps why entries were refused, for those who appended them. */
export async function writeRefusals(
  table: DynamodbTable,
  refused: readonly RefusedEntry[],
): Promise<void> {
  const expiresAt = { N: String(Math.floor(Date.now() / 1_000) + KEPT_S) };
  await table.putMany(
    refused.map(({ offset, code, message }) => {
      return {
        ...keyAttributes(refusalKey(offset)),
        c: { S: code },
        m: { S: message },
        expiresAt,
      };
    }),
  );
}

/** Why an entry was refused; undefined when it was not, or long ago. */
export async function readRefusal(
  table: DynamodbTable,
  offset: number,
): Promise<Refusal | undefined> {
  const row = await table.get(refusalKey(offset));
  return row && { code: row["c"]?.S as ErrorCode, message: row["m"]?.S ?? "" };
}
