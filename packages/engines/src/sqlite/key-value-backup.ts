import { existsSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { hasKeyValueSchema, openKeyValueDatabase } from "./sqlite-key-value-table.ts";
import { StorageFailure, storageFailureOf } from "./storage-failure.ts";

// A backup is one file, so that no half of it gets lost: the copy of the log, with what the key-value store keeps in two
// tables that a log has not.
//
// All keys go along, those of the server too: leases, claims of ticks, counts of runs. Each keeps the moment when its time
// is over, so after a restore it is over, or soon: a lease waits for a holder that is gone as it does after a crash, and
// counts are told for seconds. A claim is of the one tick that its key names, which was run.
const DROP_TABLES = `
  DROP TABLE IF EXISTS backup_key_values;
  DROP TABLE IF EXISTS backup_key_value_totals;
`;
const CREATE_TABLES = `
  CREATE TABLE backup_key_values (
    key TEXT PRIMARY KEY,
    value TEXT NOT NULL,
    revision INTEGER NOT NULL,
    expires_at INTEGER
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE backup_key_value_totals (
    keys INTEGER NOT NULL,
    last_revision INTEGER NOT NULL
  ) STRICT;
`;
const BUSY_TIMEOUT_MS = 5_000;

interface Item {
  readonly key: string;
  readonly value: string;
  readonly revision: number;
  readonly expires_at: number | null;
}

/** What a store keeps, as of one moment. */
interface Kept {
  readonly lastRevision: number;
  readonly items: Iterable<Item>;
}

/**
 * Writes what a key-value store keeps, and is not over, into the backup of a log, and returns how many keys that are.
 * A store that is not there has none.
 */
export function backUpKeyValues(file: string, backup: string): number {
  const db = new DatabaseSync(backup);
  let store: DatabaseSync | null = null;
  try {
    store = existsSync(file) ? openStore(file) : null;
    // When this fails, the whole file goes; when it is done, the caller puts it on the disk.
    db.exec("PRAGMA journal_mode = MEMORY; PRAGMA synchronous = OFF; BEGIN");
    // A backup that was put in place by hand still has them.
    db.exec(`${DROP_TABLES} ${CREATE_TABLES}`);
    const { items, lastRevision } = keptIn(store, file);
    const keys = insertInto(db, "backup_key_values", items);
    db.prepare("INSERT INTO backup_key_value_totals VALUES (?, ?)").run(keys, lastRevision);
    db.exec("COMMIT");
    return keys;
  } catch (error) {
    throw storageFailureOf(error, backup);
  } finally {
    store?.close();
    db.close();
  }
}

/**
 * Makes a key-value store of what is in a backup and not over, checks it and returns how many keys it has; null when the
 * backup is from before it had any, and the store is empty.
 */
export function restoreKeyValues(backup: string, file: string): number | null {
  const source = new DatabaseSync(backup, { readOnly: true });
  const db = openKeyValueDatabase({ file, synchronous: "full", busyTimeoutMs: BUSY_TIMEOUT_MS });
  try {
    const expected = hasKeyValues(source) ? fillStore(db, source) : null;
    const keys = Number(cellOf(db, "SELECT count(*) FROM items"));
    if (keys !== (expected ?? 0) || cellOf(db, "PRAGMA quick_check(1)") !== "ok") {
      const message = `${backup} does not give back all that functions remember: restore another backup`;
      throw new StorageFailure("storage_damaged", message);
    }
    // The file is moved without a write-ahead log.
    db.exec("PRAGMA journal_mode = DELETE");
    return expected;
  } finally {
    db.close();
    source.close();
  }
}

/** Takes out of a copy of a backup what a log has not. */
export function dropKeyValues(db: DatabaseSync): void {
  db.exec(DROP_TABLES);
}

/** Opens a store that servers may write to. What goes wrong with it is told of its own file, not of the backup. */
function openStore(file: string): DatabaseSync {
  try {
    return new DatabaseSync(file, { readOnly: true, timeout: BUSY_TIMEOUT_MS });
  } catch (error) {
    throw storageFailureOf(error, file);
  }
}

function keptIn(store: DatabaseSync | null, file: string): Kept {
  const nothing = { lastRevision: 0, items: [] };
  if (store === null) return nothing;
  try {
    store.exec("BEGIN");
    if (!hasKeyValueSchema(store, file)) return nothing;
    const lastRevision = Number(cellOf(store, "SELECT last FROM revisions"));
    return { lastRevision, items: itemsIn(store, file) };
  } catch (error) {
    throw storageFailureOf(error, file);
  }
}

function* itemsIn(store: DatabaseSync, file: string): Generator<Item> {
  try {
    yield* itemsOf(store, "items");
  } catch (error) {
    throw storageFailureOf(error, file);
  }
}

function hasKeyValues(backup: DatabaseSync): boolean {
  const sql = "SELECT count(*) FROM sqlite_schema WHERE name = 'backup_key_value_totals'";
  return cellOf(backup, sql) === 1;
}

/** Returns how many keys the store must have now, as the backup tells. */
function fillStore(store: DatabaseSync, backup: DatabaseSync): number {
  store.exec("BEGIN");
  const inserted = insertInto(store, "items", itemsOf(backup, "backup_key_values"));
  const lastRevision = Number(cellOf(backup, "SELECT last_revision FROM backup_key_value_totals"));
  store.prepare("UPDATE revisions SET last = ?").run(lastRevision);
  store.exec("COMMIT");
  const found = Number(cellOf(backup, "SELECT count(*) FROM backup_key_values"));
  const over = found - inserted;
  return Number(cellOf(backup, "SELECT keys FROM backup_key_value_totals")) - over;
}

/** What is not over. */
function itemsOf(db: DatabaseSync, table: "items" | "backup_key_values"): Iterable<Item> {
  const sql = `SELECT key, value, revision, expires_at FROM ${table}
    WHERE expires_at IS NULL OR expires_at >= ? ORDER BY key`;
  return db.prepare(sql).iterate(Date.now()) as Iterable<unknown> as Iterable<Item>;
}

function insertInto(
  db: DatabaseSync,
  table: "items" | "backup_key_values",
  items: Iterable<Item>,
): number {
  const insert = db.prepare(`INSERT INTO ${table} VALUES (?, ?, ?, ?)`);
  let count = 0;
  for (const { key, value, revision, expires_at } of items) {
    insert.run(key, value, revision, expires_at);
    count += 1;
  }
  return count;
}

function cellOf(db: DatabaseSync, sql: string): unknown {
  return Object.values(db.prepare(sql).get() ?? {})[0];
}
