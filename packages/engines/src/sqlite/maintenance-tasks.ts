import { existsSync, statSync } from "node:fs";
import type { DatabaseSync } from "node:sqlite";
import type { RebuildProgress } from "@anywire/core";
import { backUp } from "./backup-task.ts";
import type {
  MaintenanceFindings,
  MaintenanceTask,
  SqliteLogCheck,
  SqliteStateCheck,
} from "./maintenance-messages.ts";
import { openExistingLog } from "./open-database.ts";
import { rebuildState } from "./rebuild-task.ts";
import { restore } from "./restore-task.ts";
import { schemaVersion } from "./schema.ts";
import { checkState } from "./state-check.ts";

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
    if (!existsSync(task.database)) openExistingLog(task.database);
    return rebuildState(task, onProgress);
  }
  return task.type === "backup" ? backUp(task) : restore(task);
}

/** Reads a log as of one moment, while servers write to it. */
function readLog<T>(database: string, read: (db: DatabaseSync, file: string) => T): T {
  const db = openExistingLog(database);
  try {
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

function count(db: DatabaseSync, rows: string): number {
  return Number(db.prepare(`SELECT count(*) AS rows FROM ${rows}`).get()?.["rows"]);
}
