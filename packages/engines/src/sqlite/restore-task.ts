import { randomUUID } from "node:crypto";
import { copyFileSync, existsSync, mkdirSync, renameSync, rmSync } from "node:fs";
import { dirname } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { dropKeyValues, restoreKeyValues } from "./key-value-backup.ts";
import type { RestoredSqlite, RestoreTask } from "./maintenance-messages.ts";
import { openExistingLog } from "./open-database.ts";
import { failureOf, StorageFailure } from "./storage-failure.ts";
import { syncToDisk } from "./sync-to-disk.ts";

/** What SQLite may have beside a database. */
const BESIDE = ["-wal", "-shm"];

/** Puts a backup in the place of a log and the key-value store beside it. */
export function restore({ file, database, keyValues, force }: RestoreTask): RestoredSqlite {
  assertBackup(file);
  const present = [database, keyValues].filter((path) => existsSync(path));
  if (present[0] !== undefined && !force) {
    throw new StorageFailure(
      "conflict",
      `${present[0]} exists already: choose another data directory, or overwrite it with --force`,
    );
  }
  mkdirSync(dirname(database), { recursive: true });
  const copies = [database, keyValues].map((path) => `${path}.restoring`);
  const [logCopy, keyValueCopy] = copies as [string, string];
  try {
    // One that was cut off may have left them.
    for (const copy of copies) remove(copy);
    restoreLog(file, logCopy);
    const restoredKeys = restoreKeyValues(file, keyValueCopy);
    for (const copy of copies) syncToDisk(copy);
    for (const path of present) assertUnused(path);
    // The log last: without one, nobody takes what is there for a whole.
    replace(keyValues, keyValueCopy);
    replace(database, logCopy);
    syncToDisk(dirname(database));
    return { restoredKeys };
  } finally {
    for (const copy of copies) remove(copy);
  }
}

function assertBackup(file: string): void {
  const db = openExistingLog(file);
  try {
    const found = db.prepare("PRAGMA quick_check(1)").get()?.["quick_check"];
    if (found === "ok") return;
    throw new StorageFailure("storage_damaged", `${file} is damaged: restore another backup`);
  } finally {
    db.close();
  }
}

/** Positions behind the backup are void, so what is restored is another log. */
function restoreLog(file: string, copy: string): void {
  copyFileSync(file, copy);
  const db = new DatabaseSync(copy);
  try {
    db.exec("PRAGMA journal_mode = DELETE; UPDATE consumers SET holder = ''");
    db.prepare("UPDATE log SET epoch = ?").run(randomUUID());
    dropKeyValues(db);
  } finally {
    db.close();
  }
}

/** @throws {StorageFailure} `unavailable` when another process has the database open. */
function assertUnused(database: string): void {
  let db: DatabaseSync | null = null;
  try {
    db = new DatabaseSync(database);
    // Leaving the write-ahead log takes the database for oneself alone.
    db.exec("PRAGMA journal_mode = DELETE");
  } catch (error) {
    // A damaged database may well be why somebody restores.
    if (failureOf(error, database).code === "storage_damaged") return;
    throw new StorageFailure("unavailable", `${database} is in use: stop the server first`);
  } finally {
    db?.close();
  }
}

function replace(database: string, copy: string): void {
  // A write-ahead log that is left behind would be applied to the database that takes its place.
  for (const rest of BESIDE) rmSync(`${database}${rest}`, { force: true });
  renameSync(copy, database);
}

function remove(database: string): void {
  for (const rest of ["", ...BESIDE]) rmSync(`${database}${rest}`, { force: true });
}
