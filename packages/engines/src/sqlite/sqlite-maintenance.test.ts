import { copyFile, mkdtemp, open, readdir, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import type { EntryDraft, Log, LogEntry } from "@anywire/core";
import { createEntryId } from "@anywire/types";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { createSqliteLog } from "./sqlite-log.ts";
import { backupSqlite, checkSqliteLog, restoreSqlite } from "./sqlite-maintenance.ts";

const ALL = { pattern: ">", limit: 10_000, order: "asc" } as const;

let root: string;
let data: string;
let other: string;
let backup: string;
let logs: Log[];

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "anywire-backup-"));
  data = join(root, "data");
  other = join(root, "other");
  backup = join(root, "log.backup");
  logs = [];
});

afterEach(async () => {
  await Promise.all(logs.map((log) => log.close()));
  await rm(root, { recursive: true });
});

async function started(directory: string): Promise<Log> {
  const log = createSqliteLog({ directory, busyTimeoutMs: 100 });
  logs.push(log);
  await log.start();
  return log;
}

function draft(): EntryDraft {
  const channel = "production.group.room";
  return { channel, id: createEntryId(), kind: "data", sender: "account:ann", dataJson: "1" };
}

async function entriesOf(log: Log): Promise<readonly LogEntry[]> {
  return (await log.read(ALL)).entries;
}

describe("backing a log up", () => {
  it("copies all that was acknowledged, and no half commit, while a server writes", async () => {
    const log = await started(data);
    const before = await Promise.all(Array.from({ length: 500 }, () => log.append(draft())));
    let isDone = false;
    const writing = (async () => {
      while (!isDone) await Promise.all([log.append(draft()), log.append(draft())]);
    })();
    await backupSqlite(data, backup);
    isDone = true;
    await writing;
    await restoreSqlite(backup, other);
    const copy = await entriesOf(await started(other));
    expect(copy.length).toBeGreaterThanOrEqual(before.length);
    expect(copy).toEqual((await entriesOf(log)).slice(0, copy.length));
  });

  it("overwrites nothing", async () => {
    await (await started(data)).close();
    await writeFile(backup, "precious");
    await expect(backupSqlite(data, backup)).rejects.toMatchObject({ code: "conflict" });
    expect((await stat(backup)).size).toBe(8);
  });

  it("says so when there is no log", async () => {
    await expect(backupSqlite(data, backup)).rejects.toMatchObject({ code: "not_found" });
    expect(await readdir(root)).toEqual([]);
  });

  it("leaves nothing behind when the log is damaged", async () => {
    const log = await started(data);
    await Promise.all(Array.from({ length: 2_500 }, () => log.append(draft())));
    await log.close();
    await damage(join(data, "anywire.db"));
    await expect(backupSqlite(data, backup)).rejects.toMatchObject({ code: "storage_damaged" });
    expect(await readdir(root)).toEqual(["data"]);
  });
});

describe("restoring a log", () => {
  it("brings back entries and consumers under a new epoch, and goes on behind them", async () => {
    const log = await started(data);
    const handled: number[] = [];
    const options = { name: "worker", pattern: ">" };
    const consumer = await log.consume(options, async ({ offset }) => void handled.push(offset));
    await log.append(draft());
    await vi.waitFor(async () => expect(await consumer.position()).toBe(1));
    const { epoch } = log;
    await log.close();
    await backupSqlite(data, backup);
    await restoreSqlite(backup, other);
    const restored = await started(other);
    expect(restored.epoch).not.toBe(epoch);
    await restored.consume(options, async ({ offset }) => void handled.push(offset));
    const { entry } = await restored.append(draft());
    expect(entry).toMatchObject({ offset: 2, previousOffset: 1 });
    await vi.waitFor(() => expect(handled).toEqual([1, 2]));
  });

  it("replaces a log only by force", async () => {
    const log = await started(data);
    const { entry } = await log.append(draft());
    await log.close();
    await backupSqlite(data, backup);
    const second = await started(other);
    await second.append(draft());
    await second.append(draft());
    await second.close();
    await expect(restoreSqlite(backup, other)).rejects.toMatchObject({
      code: "conflict",
      message: expect.stringContaining("--force"),
    });
    await restoreSqlite(backup, other, { force: true });
    expect(await entriesOf(await started(other))).toEqual([entry]);
    expect((await readdir(other)).filter((name) => name.includes("restoring"))).toEqual([]);
  });

  it("refuses to replace a log that a server has open", async () => {
    const log = await started(data);
    await backupSqlite(data, backup);
    const restoring = restoreSqlite(backup, data, { force: true });
    await expect(restoring).rejects.toMatchObject({
      code: "unavailable",
      message: expect.stringContaining("stop the server"),
    });
    await expect(log.append(draft())).resolves.toMatchObject({ isNew: true });
  });

  it.each([
    ["was damaged", () => writeFile(join(data, "anywire.db"), "x".repeat(10_000))],
    ["was removed", () => rm(join(data, "anywire.db"))],
  ])("lets nothing through of the write-ahead log of a database that %s", async (_, spoil) => {
    const log = await started(data);
    const { entry } = await log.append(draft());
    await backupSqlite(data, backup);
    await log.append(draft());
    // As after a crash: a write-ahead log that was never folded in.
    await copyFile(join(data, "anywire.db-wal"), join(root, "wal"));
    await log.close();
    await copyFile(join(root, "wal"), join(data, "anywire.db-wal"));
    await spoil();
    await restoreSqlite(backup, data, { force: true });
    expect(await entriesOf(await started(data))).toEqual([entry]);
  });

  it("refuses what is no backup, a foreign database and a damaged backup", async () => {
    await writeFile(backup, "x".repeat(10_000));
    const damaged = { code: "storage_damaged" };
    await expect(restoreSqlite(backup, data)).rejects.toMatchObject(damaged);
    const foreign = join(root, "foreign");
    const db = new DatabaseSync(foreign);
    db.exec("CREATE TABLE notes (text TEXT)");
    db.close();
    await expect(restoreSqlite(foreign, data)).rejects.toMatchObject(damaged);
    const log = await started(other);
    await Promise.all(Array.from({ length: 2_500 }, () => log.append(draft())));
    await log.close();
    const broken = join(root, "broken");
    await backupSqlite(other, broken);
    await damage(broken);
    await expect(restoreSqlite(broken, data)).rejects.toMatchObject(damaged);
    const missing = restoreSqlite(join(root, "missing"), data);
    await expect(missing).rejects.toMatchObject({ code: "not_found" });
    await expect(checkSqliteLog(data)).rejects.toMatchObject({ code: "not_found" });
  });
});

describe("checking a log", () => {
  it("tells its size, and that all is well, while a server uses it", async () => {
    const log = await started(data);
    await Promise.all(Array.from({ length: 2_500 }, () => log.append(draft())));
    await log.append({ ...draft(), channel: "production.group.hall" });
    const found = await checkSqliteLog(data);
    expect(found).toMatchObject({ epoch: log.epoch, entries: 2_501, channels: 2, problems: [] });
    expect(found.bytes).toBeGreaterThan(0);
    expect(found.schemaVersion).toBeGreaterThan(0);
  });

  it("finds an index that lacks an entry", async () => {
    const log = await started(data);
    await Promise.all(Array.from({ length: 2_500 }, () => log.append(draft())));
    await log.close();
    const db = new DatabaseSync(join(data, "anywire.db"));
    db.exec("DELETE FROM entries_by_channel WHERE offset = 7");
    db.close();
    expect((await checkSqliteLog(data)).problems).toEqual([
      expect.stringContaining("entries_by_channel"),
    ]);
  });

  it("finds damage", async () => {
    const log = await started(data);
    await Promise.all(Array.from({ length: 2_500 }, () => log.append(draft())));
    await log.close();
    await damage(join(data, "anywire.db"));
    const problems = async (): Promise<readonly string[]> => (await checkSqliteLog(data)).problems;
    const found = await problems().catch((error: { code: string }) => [error.code]);
    expect(found).not.toEqual([]);
  });
});

/** Overwrites pages in the middle of a database. */
async function damage(file: string): Promise<void> {
  const handle = await open(file, "r+");
  await handle.write(Buffer.alloc(60 * 4_096, 0x5a), 0, 60 * 4_096, 30 * 4_096);
  await handle.close();
}
