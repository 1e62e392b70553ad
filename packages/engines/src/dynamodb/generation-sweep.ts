import { mapLimit } from "../shared/map-limit.ts";
import type { DynamodbTable } from "./dynamodb-table.ts";
import { otherGenerations, readMeta } from "./meta-rows.ts";
import {
  directoryOf,
  generationKey,
  historyOf,
  itemsOf,
  LAST_CHARACTER,
  piecesOf,
  type RowKey,
} from "./row-keys.ts";

const CONCURRENCY = 4;

/**
 * Deletes generations that another replaced so long ago that nobody reads them any more, and those that were never
 * finished and never will be. Stopped anywhere, it goes on the next time. Several nodes may do it.
 */
export async function sweepGenerations(
  table: DynamodbTable,
  retireMs: number,
  isStopped: () => boolean,
): Promise<void> {
  const { generation: live } = await readMeta(table);
  for (const { generation, retiredAt = 0 } of await otherGenerations(table)) {
    const isOver = generation < live && Date.now() - retiredAt > retireMs;
    if (isOver && !(await deleteGeneration(table, generation, isStopped))) return;
  }
}

/** False when it was stopped before the end. */
async function deleteGeneration(
  table: DynamodbTable,
  generation: number,
  isStopped: () => boolean,
): Promise<boolean> {
  for await (const partitions of keysIn(table, directoryOf(generation))) {
    await mapLimit(partitions, CONCURRENCY, async (row) => {
      if (isStopped()) return;
      for (const pk of partitionKeys(generation, row.sk)) {
        for await (const keys of keysIn(table, pk)) await table.deleteMany(keys);
      }
      // Last, so that what is left of the partition can be found again.
      await table.deleteMany([row]);
    });
    if (isStopped()) return false;
  }
  await table.deleteMany([generationKey(generation)]);
  return true;
}

function partitionKeys(generation: number, partition: string): string[] {
  return [itemsOf, historyOf, piecesOf].map((keyOf) => keyOf(generation, partition));
}

async function* keysIn(table: DynamodbTable, pk: string): AsyncGenerator<RowKey[]> {
  const all = { pk, lower: "", upper: LAST_CHARACTER, order: "asc", keysOnly: true } as const;
  for await (const page of table.query(all)) {
    yield page.map(({ sk }) => ({ pk, sk: sk?.S ?? "" }));
  }
}
