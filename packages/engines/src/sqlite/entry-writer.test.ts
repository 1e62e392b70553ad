import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { DatabaseSync } from "node:sqlite";
import { afterEach, beforeEach, expect, it } from "vitest";
import { EntryWriter } from "./entry-writer.ts";
import { databaseFile, openForWriting } from "./open-database.ts";

let directory: string;
let db: DatabaseSync;
let writer: EntryWriter;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "anywire-writer-"));
  const file = databaseFile(directory);
  db = openForWriting({ file, synchronous: "off", busyTimeoutMs: 100, maxBytes: 0 });
  writer = new EntryWriter(db);
});

afterEach(async () => {
  db.close();
  await rm(directory, { recursive: true });
});

/** Stores an entry in a transaction that is then ended in that way; returns its row as it was stored. */
function write(channel: string, id: string, end: "COMMIT" | "ROLLBACK"): readonly unknown[] {
  db.exec("BEGIN IMMEDIATE");
  writer.takeForeign(() => {});
  const { offset } = writer.write(channel, id, "data", "account:ann", null, "1", null, 1_000);
  const row = writer.row(offset);
  db.exec(end);
  if (end === "COMMIT") writer.committed();
  else writer.rolledBack();
  return row;
}

it("forgets the channels of a transaction that was undone, whose numbers others get", () => {
  write("production.group.first", "1", "ROLLBACK");
  const [channel] = write("production.group.second", "1", "COMMIT");
  expect(channel).toBe("production.group.second");
});

it("forgets the entries of a transaction that was undone", () => {
  write("production.group.first", "1", "ROLLBACK");
  const row = write("production.group.first", "1", "COMMIT");
  // Offset 1, nothing before it, the first tick of its millisecond.
  expect(row.slice(7)).toEqual([1, 0, 1_000, 0]);
});
