import { existsSync, mkdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { migrate, pragmaNumber, schemaVersion } from "./schema.ts";
import { StorageFailure } from "./storage-failure.ts";

/** How a connection works. */
export interface DatabaseOptions {
  readonly file: string;
  readonly synchronous: "full" | "normal" | "off";
  /** How long to wait for a lock of another process, ms. */
  readonly busyTimeoutMs: number;
  /** The largest size of the database; `0` for no limit. */
  readonly maxBytes: number;
}

/** Pages in memory, KiB. */
const CACHE_KIB = 16_384;
const WAL_RETRY_MS = 10;

/** The database in a data directory. */
export function databaseFile(directory: string): string {
  return join(directory, "anywire.db");
}

/** The database of the key-value store in a data directory. */
export function keyValueFile(directory: string): string {
  return join(directory, "kv.db");
}

/** Opens the writing connection: creates the directory and the database, or migrates it. */
export function openForWriting(options: DatabaseOptions): DatabaseSync {
  mkdirSync(dirname(options.file), { recursive: true });
  const db = new DatabaseSync(options.file, { timeout: options.busyTimeoutMs });
  try {
    // Before anything is changed: it may not be ours.
    schemaVersion(db, options.file);
    enterWalMode(db, options.busyTimeoutMs);
    db.exec(`PRAGMA synchronous = ${options.synchronous}; PRAGMA cache_size = -${CACHE_KIB}`);
    if (options.maxBytes > 0) {
      const pages = Math.ceil(options.maxBytes / pragmaNumber(db, "page_size"));
      db.exec(`PRAGMA max_page_count = ${pages}`);
    }
    migrate(db, options.file);
    return db;
  } catch (error) {
    db.close();
    throw error;
  }
}

/** Opens a connection that only reads, to a database that the writing connection has prepared. */
export function openForReading(options: DatabaseOptions): DatabaseSync {
  const db = new DatabaseSync(options.file, { timeout: options.busyTimeoutMs, readOnly: true });
  db.exec(`PRAGMA cache_size = -${CACHE_KIB}`);
  return db;
}

/** Opens a log, or a backup of one, to read it; not even its schema is changed. */
export function openExistingLog(file: string): DatabaseSync {
  if (!existsSync(file)) {
    throw new StorageFailure("not_found", `there is no ${file}: check the path`);
  }
  const db = new DatabaseSync(file, { readOnly: true });
  try {
    if (schemaVersion(db, file) > 0) return db;
    throw new StorageFailure("storage_damaged", `${file} is empty: it holds no log`);
  } catch (error) {
    db.close();
    throw error;
  }
}

/**
 * With a write-ahead log, readers and the writer never wait for each other. When two processes create
 * the database at once, SQLite gives up on this switch without waiting, so the waiting is done here.
 */
export function enterWalMode(db: DatabaseSync, busyTimeoutMs: number): void {
  const deadline = performance.now() + busyTimeoutMs;
  for (;;) {
    try {
      db.exec("PRAGMA journal_mode = WAL");
      return;
    } catch (error) {
      const isBusy = (error as { errcode?: number }).errcode === 5;
      if (!isBusy || performance.now() > deadline) throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, WAL_RETRY_MS);
    }
  }
}
