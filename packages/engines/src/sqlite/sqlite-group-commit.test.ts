import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createEntryId } from "@anywire/types";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createSqliteLog } from "./sqlite-log.ts";

let directory: string;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "anywire-group-"));
});

afterEach(() => rm(directory, { recursive: true }));

describe("group commit", () => {
  it("stores entries that are appended in one turn with one commit", async () => {
    expect(await commitsOf(100, true)).toBe(1);
  });

  it("commits every entry by itself when it is turned off", async () => {
    expect(await commitsOf(100, false)).toBe(100);
  });
});

/** How many commits it takes to append so many entries at once. */
async function commitsOf(count: number, groupCommit: boolean): Promise<number> {
  const log = createSqliteLog({ directory, groupCommit });
  await log.start();
  const before = await commits();
  const drafts = Array.from({ length: count }, (_, i) => ({
    channel: `production.group.room-${i}`,
    id: createEntryId(),
    kind: "data" as const,
    sender: "account:ann",
    dataJson: "1",
  }));
  await Promise.all(drafts.map((draft) => log.append(draft)));
  const after = await commits();
  await log.close();
  return after - before;
}

/**
 * Commits in the write-ahead log: frames whose header names the size of the database after them.
 * @see https://www.sqlite.org/fileformat2.html#the_write_ahead_log
 */
async function commits(): Promise<number> {
  const wal = await readFile(join(directory, "anywire.db-wal"));
  const pageSize = wal.readUInt32BE(8);
  let found = 0;
  for (let at = 32; at + 24 + pageSize <= wal.length; at += 24 + pageSize) {
    const isOfThisLog = wal.readUInt32BE(at + 8) === wal.readUInt32BE(16);
    if (isOfThisLog && wal.readUInt32BE(at + 4) > 0) found += 1;
  }
  return found;
}
