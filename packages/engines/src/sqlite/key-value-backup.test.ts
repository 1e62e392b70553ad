import { copyFile, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { holdLease, type KeyValue, type KeyValueStore } from "@anywire/core";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { backUp } from "./backup-task.ts";
import { databaseFile, keyValueFile, openForWriting } from "./open-database.ts";
import { restore } from "./restore-task.ts";
import { createSqliteKeyValue } from "./sqlite-key-value.ts";
import { KeyValueTable, openKeyValueDatabase } from "./sqlite-key-value-table.ts";
import { backupSqlite } from "./sqlite-maintenance.ts";

const SETTINGS = { synchronous: "off", busyTimeoutMs: 1_000 } as const;

let root: string;
let data: string;
let other: string;
let backup: string;
let stores: KeyValueStore[];

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "anywire-backup-"));
  data = join(root, "data");
  other = join(root, "other");
  backup = join(root, "monday.db");
  stores = [];
  openForWriting({ ...SETTINGS, file: databaseFile(data), maxBytes: 0 }).close();
});

afterEach(async () => {
  await Promise.all(stores.map((store) => store.close()));
  await rm(root, { recursive: true });
});

function backUpTo(file: string, directory: string): unknown {
  const [database, keyValues] = [databaseFile(directory), keyValueFile(directory)];
  return backUp({ type: "backup", database, keyValues, file });
}

function restoreTo(directory: string, { force = false } = {}): unknown {
  const [database, keyValues] = [databaseFile(directory), keyValueFile(directory)];
  return restore({ type: "restore", file: backup, database, keyValues, force });
}

async function startStore(directory: string): Promise<KeyValueStore> {
  const store = createSqliteKeyValue({ directory, synchronous: "off" });
  stores.push(store);
  await store.start();
  return store;
}

function inStore<T>(directory: string, work: (table: KeyValueTable) => T): T {
  const db = openKeyValueDatabase({ ...SETTINGS, file: keyValueFile(directory) });
  try {
    return work(new KeyValueTable(db));
  } finally {
    db.close();
  }
}

/** Returns the revision. */
function put(table: KeyValueTable, key: string, value: string, ttlMs?: number): unknown {
  return table.take({ type: "set", key, value, ttlMs, revision: undefined });
}

function fill(directory: string, value: string): void {
  inStore(directory, (table) => put(table, "key", value));
}

function valueIn(directory: string): unknown {
  return inStore(directory, (table) => table.take({ type: "get", key: "key" }) as KeyValue)?.value;
}

function change(file: string, sql: string): void {
  const db = new DatabaseSync(file);
  db.exec(sql);
  db.close();
}

/** Makes of a backup what an older Anywire made. */
function makeOlder(file: string): void {
  change(file, "DROP TABLE backup_key_values; DROP TABLE backup_key_value_totals");
}

function rowsOf(file: string, sql: string): unknown[] {
  const db = new DatabaseSync(file, { readOnly: true });
  const rows = db.prepare(sql).all();
  db.close();
  return rows;
}

describe("a backup of keys and values", () => {
  it("brings each back with its revision and its end, and goes on with revisions behind them", async () => {
    const last = inStore(data, (table) => {
      put(table, "for ever", "ä");
      put(table, "for a while", "b", 60_000);
      const revision = put(table, "removed", "c");
      table.take({ type: "delete", key: "removed", revision: undefined });
      return Number(revision);
    });
    expect(backUpTo(backup, data)).toEqual({ keys: 2 });
    expect(restoreTo(other)).toEqual({ restoredKeys: 2 });
    const all = "SELECT * FROM items ORDER BY key";
    const items = rowsOf(keyValueFile(other), all);
    expect(items).toEqual(rowsOf(keyValueFile(data), all));
    expect(inStore(other, (table) => put(table, "next", "d"))).toBe(last + 1);
    expect((await readdir(other)).filter((name) => name.includes("restoring"))).toEqual([]);
  });

  it("leaves out what is over, then or by the time of the restore", async () => {
    fill(data, "kept");
    change(keyValueFile(data), "INSERT INTO items VALUES ('over', '', 9, 1)");
    expect(backUpTo(backup, data)).toEqual({ keys: 1 });
    change(
      backup,
      `INSERT INTO backup_key_values VALUES ('over since', '', 9, 1);
       UPDATE backup_key_value_totals SET keys = 2`,
    );
    expect(restoreTo(other)).toEqual({ restoredKeys: 1 });
    const keys = "SELECT key FROM items";
    expect(rowsOf(keyValueFile(other), keys)).toEqual([{ key: "key" }]);
  });

  it("has all that was acknowledged, and no half commit, while a server writes", async () => {
    const store = await startStore(data);
    // Asked for at once, they share a commit.
    const addBoth = () => Promise.all([store.add("a", 1), store.add("b", 1)]);
    for (let i = 0; i < 20; i += 1) await addBoth();
    let isDone = false;
    const writing = (async () => {
      while (!isDone) await addBoth();
    })();
    await backupSqlite(data, backup);
    isDone = true;
    await writing;
    restoreTo(other);
    const copy = await startStore(other);
    const [a, b] = [await copy.get("a"), await copy.get("b")];
    expect(Number(a?.value)).toBeGreaterThanOrEqual(20);
    expect(a?.value).toBe(b?.value);
  });

  it("is empty where nothing was ever kept, and replaces what is there by that", async () => {
    expect(backUpTo(backup, data)).toEqual({ keys: 0 });
    fill(other, "later");
    expect(restoreTo(other, { force: true })).toEqual({ restoredKeys: 0 });
    expect(valueIn(other)).toBeUndefined();
  });

  it("that an older Anywire made is restored with an empty store", async () => {
    fill(data, "kept");
    backUpTo(backup, data);
    makeOlder(backup);
    expect(restoreTo(data, { force: true })).toEqual({ restoredKeys: null });
    expect(valueIn(data)).toBeUndefined();
  });

  it("leaves nothing of itself in the restored log", async () => {
    fill(data, "kept");
    backUpTo(backup, data);
    restoreTo(other);
    const tables = "SELECT name FROM sqlite_schema ORDER BY name";
    expect(rowsOf(databaseFile(other), tables)).toEqual(rowsOf(databaseFile(data), tables));
  });

  it("that was put in place by hand is backed up with what is kept since", async () => {
    fill(data, "then");
    backUpTo(backup, data);
    fill(other, "since");
    await copyFile(backup, databaseFile(other));
    await rm(backup);
    expect(backUpTo(backup, other)).toEqual({ keys: 1 });
    restoreTo(data, { force: true });
    expect(valueIn(data)).toBe("since");
  });

  it("says that the store is damaged or another program's, by its name, and leaves nothing behind", async () => {
    const file = keyValueFile(data);
    const failing = expect.objectContaining({
      code: "storage_damaged",
      message: expect.stringContaining(file),
    });
    await writeFile(file, "x".repeat(10_000));
    expect(() => backUpTo(backup, data)).toThrow(failing);
    await rm(file);
    change(file, "CREATE TABLE notes (text TEXT)");
    expect(() => backUpTo(backup, data)).toThrow(failing);
    expect(await readdir(root)).toEqual(["data"]);
  });
});

describe("restoring keys and values", () => {
  it("hands a lease that was held then to another node as soon as it has run out", async () => {
    inStore(data, (table) => put(table, "lease.work", "a node", 60_000));
    expect(backUpTo(backup, data)).toEqual({ keys: 1 });
    change(backup, `UPDATE backup_key_values SET expires_at = ${Date.now() + 1_000}`);
    restoreTo(other);
    const next = holdLease(
      await startStore(other),
      { name: "work", leaseMs: 3_000 },
      (signal) => new Promise((resolve) => signal.addEventListener("abort", () => resolve())),
    );
    await vi.waitFor(() => expect(next.isHeld).toBe(true), { timeout: 10_000 });
    await next.close();
  });

  it("replaces a store only by force, even where there is no log", async () => {
    fill(data, "then");
    backUpTo(backup, data);
    fill(other, "precious");
    const message = expect.stringMatching(/kv\.db exists already.*--force/);
    expect(() => restoreTo(other)).toThrow(expect.objectContaining({ code: "conflict", message }));
    expect(valueIn(other)).toBe("precious");
    restoreTo(other, { force: true });
    expect(valueIn(other)).toBe("then");
  });

  it("refuses to replace a store that somebody has open, and leaves the log", async () => {
    backUpTo(backup, data);
    const epoch = (): unknown[] => rowsOf(databaseFile(data), "SELECT epoch FROM log");
    const before = epoch();
    const store = await startStore(data);
    const message = expect.stringMatching(/kv\.db is in use: stop the server/);
    expect(() => restoreTo(data, { force: true })).toThrow(
      expect.objectContaining({ code: "unavailable", message }),
    );
    await expect(store.set("key", "value")).resolves.toBeGreaterThan(0);
    expect(epoch()).toEqual(before);
  });

  it("lets nothing through of the write-ahead log of a store that was removed", async () => {
    fill(data, "then");
    backUpTo(backup, data);
    const store = await startStore(data);
    await store.set("key", "later");
    // As after a crash: a write-ahead log that was never folded in.
    await copyFile(join(data, "kv.db-wal"), join(root, "wal"));
    await store.close();
    await copyFile(join(root, "wal"), join(data, "kv.db-wal"));
    await rm(keyValueFile(data));
    restoreTo(data, { force: true });
    expect(valueIn(data)).toBe("then");
  });

  it("refuses a backup that lacks a key, and replaces nothing", async () => {
    fill(data, "then");
    backUpTo(backup, data);
    fill(data, "now");
    change(backup, "DELETE FROM backup_key_values");
    const message = expect.stringContaining("restore another backup");
    expect(() => restoreTo(data, { force: true })).toThrow(
      expect.objectContaining({ code: "storage_damaged", message }),
    );
    expect(valueIn(data)).toBe("now");
  });

  it("is not disturbed by what one that was cut off has left", async () => {
    fill(data, "then");
    backUpTo(backup, data);
    fill(other, "half");
    await copyFile(keyValueFile(other), join(other, "kv.db.restoring"));
    restoreTo(other, { force: true });
    expect(valueIn(other)).toBe("then");
  });
});
