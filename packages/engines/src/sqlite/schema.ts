import { randomUUID } from "node:crypto";
import type { DatabaseSync } from "node:sqlite";
import { StorageFailure } from "./storage-failure.ts";

/**
 * Marks a file as an Anywire database: "anyw" in ASCII.
 * @see https://www.sqlite.org/pragma.html#pragma_application_id
 */
const APPLICATION_ID = 0x616e7977;

/**
 * Each takes the schema one version further. Never change one that was released: add the next.
 *
 * Entries are indexed by three tables of their own instead of by SQL indexes, and only up to the offset
 * `indexed_to`, two thousand at once: a commit then writes a few pages at the end of `entries`,
 * not a page in every index for every channel. Whoever reads scans the entries beyond it.
 */
const MIGRATIONS: readonly string[] = [
  `
  CREATE TABLE log (
    epoch TEXT NOT NULL,
    indexed_to INTEGER NOT NULL
  ) STRICT;

  CREATE TABLE scopes (
    id INTEGER PRIMARY KEY,
    platform TEXT NOT NULL,
    type TEXT NOT NULL,
    UNIQUE (platform, type)
  ) STRICT;

  CREATE TABLE channels (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL,
    scope INTEGER NOT NULL,
    UNIQUE (name, scope)
  ) STRICT;

  CREATE TABLE entries (
    offset INTEGER PRIMARY KEY,
    previous INTEGER NOT NULL,
    channel INTEGER NOT NULL,
    scope INTEGER NOT NULL,
    at INTEGER NOT NULL,
    tick INTEGER NOT NULL,
    id TEXT NOT NULL,
    kind TEXT NOT NULL,
    sender TEXT NOT NULL,
    client TEXT,
    data TEXT NOT NULL
  ) STRICT;

  CREATE TABLE entries_by_id (
    id TEXT NOT NULL,
    channel INTEGER NOT NULL,
    offset INTEGER NOT NULL,
    PRIMARY KEY (id, channel)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE entries_by_channel (
    channel INTEGER NOT NULL,
    offset INTEGER NOT NULL,
    PRIMARY KEY (channel, offset)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE entries_by_scope (
    scope INTEGER NOT NULL,
    offset INTEGER NOT NULL,
    PRIMARY KEY (scope, offset)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE consumers (
    name TEXT PRIMARY KEY,
    position INTEGER NOT NULL,
    holder TEXT NOT NULL,
    held_until INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE parked_channels (
    consumer TEXT NOT NULL,
    channel TEXT NOT NULL,
    from_offset INTEGER NOT NULL,
    attempts INTEGER NOT NULL,
    due_at INTEGER NOT NULL,
    PRIMARY KEY (consumer, channel)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE dead_letters (
    consumer TEXT NOT NULL,
    offset INTEGER NOT NULL,
    attempts INTEGER NOT NULL,
    error TEXT NOT NULL,
    at INTEGER NOT NULL,
    PRIMARY KEY (consumer, offset)
  ) STRICT, WITHOUT ROWID;
  `,
  // From what the log held before, nothing followed.
  `
  CREATE TABLE state (
    partition TEXT NOT NULL,
    sort TEXT NOT NULL,
    value TEXT NOT NULL,
    PRIMARY KEY (partition, sort)
  ) STRICT, WITHOUT ROWID;
  `,
  // All consumers of a node share one lease.
  `
  CREATE TABLE consumer_holders (
    holder TEXT PRIMARY KEY,
    held_until INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;

  ALTER TABLE consumers DROP COLUMN held_until;
  `,
  // What led to an entry, as JSON.
  `
  ALTER TABLE entries ADD COLUMN trace TEXT;
  `,
];

/** The schema version this code reads and writes. */
export const SCHEMA_VERSION: number = MIGRATIONS.length;

/**
 * The schema version of an Anywire database; `0` of an empty file.
 * @throws {StorageFailure} `storage_damaged` when it is another program's database, `unsupported` when a
 * newer Anywire wrote it.
 */
export function schemaVersion(db: DatabaseSync, file: string): number {
  const version = pragmaNumber(db, "user_version");
  const application = pragmaNumber(db, "application_id");
  const isEmpty = pragmaNumber(db, "schema_version") === 0 && application === 0;
  if (!isEmpty && application !== APPLICATION_ID) {
    throw new StorageFailure(
      "storage_damaged",
      `${file} is a database of another program: move it away, or choose another data directory`,
    );
  }
  if (version > SCHEMA_VERSION) {
    throw new StorageFailure(
      "unsupported",
      `${file} was written by a newer Anywire (schema ${version}, this one knows ${SCHEMA_VERSION}): ` +
        "upgrade Anywire, or restore a backup made before",
    );
  }
  return version;
}

/** Brings a database to the current schema, in one transaction; an empty one becomes a new log. */
export function migrate(db: DatabaseSync, file: string): void {
  if (schemaVersion(db, file) === SCHEMA_VERSION) return;
  db.exec("BEGIN IMMEDIATE");
  try {
    // Once more under the lock: another process may have been faster.
    const version = schemaVersion(db, file);
    for (const migration of MIGRATIONS.slice(version)) db.exec(migration);
    if (version === 0) {
      db.exec(`PRAGMA application_id = ${APPLICATION_ID}`);
      db.prepare("INSERT INTO log (epoch, indexed_to) VALUES (?, 0)").run(randomUUID());
    }
    db.exec(`PRAGMA user_version = ${SCHEMA_VERSION}`);
    db.exec("COMMIT");
  } catch (error) {
    if (db.isTransaction) db.exec("ROLLBACK");
    throw error;
  }
}

/** The value of a pragma that is a number. */
export function pragmaNumber(db: DatabaseSync, pragma: string): number {
  const row = db.prepare(`PRAGMA ${pragma}`).get();
  return Number(Object.values(row ?? {})[0]);
}
