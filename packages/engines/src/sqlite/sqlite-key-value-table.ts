import { mkdirSync } from "node:fs";
import { dirname } from "node:path";
import { DatabaseSync, type StatementSync } from "node:sqlite";
import type { KeyValue, KeyValuePage } from "@anywire/core";
import { compareUtf8 } from "../shared/compare-utf8.ts";
import { assertRevision } from "../shared/key-value-conflict.ts";
import { sumOf } from "../shared/key-value-sum.ts";
import { enterWalMode } from "./open-database.ts";
import { pragmaNumber } from "./schema.ts";
import type {
  KeyValueCall,
  KeyValueResult,
  KeyValueSettings,
} from "./sqlite-key-value-messages.ts";
import { StorageFailure } from "./storage-failure.ts";

/**
 * Marks a file as a key-value store of Anywire: "anyk" in ASCII.
 * @see https://www.sqlite.org/pragma.html#pragma_application_id
 */
const APPLICATION_ID = 0x616e796b;
const SCHEMA_VERSION = 1;
const SCHEMA = `
  CREATE TABLE revisions (last INTEGER NOT NULL) STRICT;
  INSERT INTO revisions (last) VALUES (0);

  CREATE TABLE items (
    key TEXT PRIMARY KEY,
    value TEXT NOT NULL,
    revision INTEGER NOT NULL,
    expires_at INTEGER
  ) STRICT, WITHOUT ROWID;

  CREATE INDEX items_by_end ON items (expires_at) WHERE expires_at IS NOT NULL;
`;
/** So many items whose time is over are removed with a write, so that no write pays for many. */
const MAX_SWEEP = 20;

interface Row {
  readonly value: string;
  readonly revision: number;
  readonly expires_at: number | null;
}

/** Opens or creates the database of a key-value store. Several processes may do so at once. */
export function openKeyValueDatabase(settings: KeyValueSettings): DatabaseSync {
  mkdirSync(dirname(settings.file), { recursive: true });
  const db = new DatabaseSync(settings.file, { timeout: settings.busyTimeoutMs });
  try {
    // Before anything is changed: it may not be ours.
    hasKeyValueSchema(db, settings.file);
    enterWalMode(db, settings.busyTimeoutMs);
    db.exec(`PRAGMA synchronous = ${settings.synchronous}; BEGIN IMMEDIATE`);
    if (!hasKeyValueSchema(db, settings.file)) {
      db.exec(`${SCHEMA}; PRAGMA application_id = ${APPLICATION_ID}`);
      db.exec(`PRAGMA user_version = ${SCHEMA_VERSION}`);
    }
    db.exec("COMMIT");
    return db;
  } catch (error) {
    db.close();
    throw error;
  }
}

/**
 * Whether a database holds a key-value store; false of an empty file.
 * @throws {StorageFailure} `storage_damaged` when it is another program's, `unsupported` when a newer Anywire wrote it.
 */
export function hasKeyValueSchema(db: DatabaseSync, file: string): boolean {
  if (pragmaNumber(db, "schema_version") === 0) return false;
  if (pragmaNumber(db, "application_id") !== APPLICATION_ID) {
    const message = `${file} is a database of another program: move it away`;
    throw new StorageFailure("storage_damaged", message);
  }
  if (pragmaNumber(db, "user_version") > SCHEMA_VERSION) {
    throw new StorageFailure("unsupported", `${file} was written by a newer Anywire: upgrade`);
  }
  return true;
}

/** The table of a key-value store. Each step belongs in a transaction, and changes nothing when it throws. */
export class KeyValueTable {
  readonly #select: StatementSync;
  readonly #nextRevision: StatementSync;
  readonly #upsert: StatementSync;
  readonly #delete: StatementSync;
  readonly #list: StatementSync;
  readonly #sweep: StatementSync;

  constructor(db: DatabaseSync) {
    this.#select = db.prepare("SELECT value, revision, expires_at FROM items WHERE key = ?");
    this.#nextRevision = db.prepare("UPDATE revisions SET last = last + 1 RETURNING last");
    this.#upsert = db.prepare("INSERT OR REPLACE INTO items VALUES (?, ?, ?, ?)");
    this.#delete = db.prepare("DELETE FROM items WHERE key = ?");
    this.#list = db.prepare(
      `SELECT key, value, revision FROM items
       WHERE key >= ? AND (expires_at IS NULL OR expires_at >= ?) ORDER BY key`,
    );
    this.#sweep = db.prepare(
      `DELETE FROM items WHERE key IN
       (SELECT key FROM items WHERE expires_at < ? ORDER BY expires_at LIMIT ${MAX_SWEEP})`,
    );
  }

  /** Takes a step. @throws {AnywireError} what the port says. */
  take(call: KeyValueCall): KeyValueResult {
    switch (call.type) {
      case "get":
        return this.#get(call.key);
      case "set":
        assertRevision(call.key, this.#read(call.key), call.revision);
        return this.#write(call.key, call.value, endOf(call.ttlMs));
      case "delete":
        assertRevision(call.key, this.#read(call.key), call.revision);
        this.#delete.run(call.key);
        return undefined;
      case "list":
        return this.#page(call);
      case "add": {
        const row = this.#read(call.key);
        const sum = sumOf(call.key, row?.value, call.delta);
        this.#write(call.key, String(sum), row === undefined ? endOf(call.ttlMs) : row.expires_at);
        return sum;
      }
    }
  }

  #get(key: string): KeyValue | undefined {
    const row = this.#read(key);
    return row && { key, value: row.value, revision: row.revision };
  }

  #read(key: string): Row | undefined {
    const row = this.#select.get(key) as unknown as Row | undefined;
    const isOver = row !== undefined && row.expires_at !== null && row.expires_at < Date.now();
    return isOver ? undefined : row;
  }

  #write(key: string, value: string, expiresAt: number | null): number {
    const revision = Number(this.#nextRevision.get()?.["last"]);
    this.#sweep.run(Date.now());
    this.#upsert.run(key, value, revision, expiresAt);
    return revision;
  }

  #page({ prefix, after, limit }: Extract<KeyValueCall, { type: "list" }>): KeyValuePage {
    const items: KeyValue[] = [];
    const from = compareUtf8(after, prefix) > 0 ? after : prefix;
    for (const row of this.#list.iterate(from, Date.now())) {
      const item = row as unknown as KeyValue;
      if (item.key === after) continue;
      // No bound in the query: no text is larger than all that begin with a prefix.
      if (!item.key.startsWith(prefix)) break;
      if (items.length === limit) return { items, hasMore: true };
      items.push({ key: item.key, value: item.value, revision: item.revision });
    }
    return { items, hasMore: false };
  }
}

/**
 * The last millisecond in which something is there. The clock is cut to whole ones, so that in the one itself the time
 * may not be over yet.
 */
function endOf(ttlMs: number | undefined): number | null {
  return ttlMs === undefined ? null : Date.now() + ttlMs;
}
