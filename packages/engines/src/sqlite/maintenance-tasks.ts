import { randomUUID } from "node:crypto";
import {
  closeSync,
  copyFileSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  renameSync,
  rmSync,
  statSync,
} from "node:fs";
import { dirname } from "node:path";
import { DatabaseSync } from "node:sqlite";
import type { RebuildProgress } from "@anywire/core";
import type {
  MaintenanceFindings,
  MaintenanceTask,
  SqliteLogCheck,
  SqliteStateCheck,
} from "./maintenance-messages.ts";
import { rebuildState } from "./rebuild-task.ts";
import { schemaVersion } from "./schema.ts";
import { checkState } from "./state-check.ts";
import { failureOf, StorageFailure } from "./storage-failure.ts";

/** The schema version that brought the state. */
const FIRST_WITH_STATE = 2;

/** Carries out a task. Runs in a thread of its own, since it may take minutes. */
export function runTask(
  task: MaintenanceTask,
  onProgress: (progress: RebuildProgress) => void,
): MaintenanceFindings {
  if (task.type === "check") return readLog(task.database, checkLog);
  if (task.type === "checkState") return readLog(task.database, stateOf);
  if (task.type === "rebuild") {
    if (!existsSync(task.database)) openExisting(task.database);
    return rebuildState(task, onProgress);
  }
  if (task.type === "backup") backUp(task.database, task.file);
  else restore(task.file, task.database, task.force);
  return null;
}

/** Reads a log as of one moment, while servers write to it. */
function readLog<T>(database: string, read: (db: DatabaseSync, file: string) => T): T {
  const db = openExisting(database);
  try {
    if (schemaVersion(db, database) === 0) throw holdsNoLog(database);
    db.exec("BEGIN");
    return read(db, database);
  } finally {
    db.close();
  }
}

function checkLog(db: DatabaseSync, file: string): SqliteLogCheck {
  const found = db.prepare("PRAGMA quick_check(20)").all();
  const problems = found.map((row) => String(row["quick_check"])).filter((text) => text !== "ok");
  return {
    file,
    bytes: statSync(file).size,
    schemaVersion: schemaVersion(db, file),
    epoch: String(db.prepare("SELECT epoch FROM log").get()?.["epoch"]),
    entries: count(db, "entries"),
    channels: count(db, "channels"),
    problems: [...problems, ...indexProblems(db)],
  };
}

function stateOf(db: DatabaseSync, file: string): SqliteStateCheck {
  if (schemaVersion(db, file) >= FIRST_WITH_STATE) return checkState(db);
  // The server makes it when it next starts, and nothing follows from what is there.
  const head = Number(db.prepare("SELECT max(offset) AS head FROM entries").get()?.["head"] ?? 0);
  return { items: 0, offset: head, head };
}

/** Each index must have one row for each entry up to the mark. */
function indexProblems(db: DatabaseSync): string[] {
  const marked = count(db, "entries WHERE offset <= (SELECT indexed_to FROM log)");
  return ["entries_by_id", "entries_by_channel", "entries_by_scope"].flatMap((table) => {
    const rows = count(db, table);
    return rows === marked ? [] : [`${table} has ${rows} rows for ${marked} entries`];
  });
}

function backUp(database: string, file: string): void {
  const db = openExisting(database);
  try {
    if (schemaVersion(db, database) === 0) throw holdsNoLog(database);
    reserve(file);
    const partial = `${file}.partial`;
    try {
      rmSync(partial, { force: true });
      // One read transaction: a consistent copy, while others go on writing.
      db.prepare("VACUUM INTO ?").run(partial);
      sync(partial);
      renameSync(partial, file);
      sync(dirname(file));
    } catch (error) {
      rmSync(partial, { force: true });
      rmSync(file, { force: true });
      throw error;
    }
  } finally {
    db.close();
  }
}

/** Takes the name with an empty file, so that nothing is overwritten and nobody else takes it. */
function reserve(file: string): void {
  try {
    closeSync(openSync(file, "wx"));
  } catch (error) {
    if ((error as { code?: string }).code !== "EEXIST") throw error;
    throw new StorageFailure("conflict", `${file} exists already: choose another name`);
  }
}

function restore(file: string, database: string, force: boolean): void {
  assertBackup(file);
  const isThere = existsSync(database);
  if (isThere && !force) {
    throw new StorageFailure(
      "conflict",
      `${database} exists already: choose another data directory, or overwrite it with --force`,
    );
  }
  mkdirSync(dirname(database), { recursive: true });
  const copy = `${database}.restoring`;
  try {
    copyFileSync(file, copy);
    beginNewEpoch(copy);
    sync(copy);
    if (isThere) assertUnused(database);
    // A write-ahead log that is left behind would be applied to the database that takes its place.
    for (const rest of ["-wal", "-shm"]) rmSync(`${database}${rest}`, { force: true });
    renameSync(copy, database);
    sync(dirname(database));
  } finally {
    rmSync(copy, { force: true });
  }
}

function assertBackup(file: string): void {
  const db = openExisting(file);
  try {
    if (schemaVersion(db, file) === 0) throw holdsNoLog(file);
    const found = db.prepare("PRAGMA quick_check(1)").get()?.["quick_check"];
    if (found === "ok") return;
    throw new StorageFailure("storage_damaged", `${file} is damaged: restore another backup`);
  } finally {
    db.close();
  }
}

/** Positions behind the backup are void, so what is restored is another log. */
function beginNewEpoch(file: string): void {
  const db = new DatabaseSync(file);
  try {
    db.exec("PRAGMA journal_mode = DELETE; UPDATE consumers SET holder = ''");
    db.prepare("UPDATE log SET epoch = ?").run(randomUUID());
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

function openExisting(file: string): DatabaseSync {
  if (existsSync(file)) return new DatabaseSync(file, { readOnly: true });
  throw new StorageFailure("not_found", `there is no ${file}: check the path`);
}

function holdsNoLog(file: string): StorageFailure {
  return new StorageFailure("storage_damaged", `${file} is empty: it holds no log`);
}

function count(db: DatabaseSync, rows: string): number {
  return Number(db.prepare(`SELECT count(*) AS rows FROM ${rows}`).get()?.["rows"]);
}

/** Makes a file, or the names in a directory, outlast a power cut. */
function sync(path: string): void {
  const descriptor = openSync(path, "r");
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}
