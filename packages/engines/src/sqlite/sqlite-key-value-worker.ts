import type { DatabaseSync } from "node:sqlite";
import { parentPort } from "node:worker_threads";
import { AnywireError } from "@anywire/types/plain";
import type {
  KeyValueCall,
  KeyValueOutcome,
  KeyValueReply,
  KeyValueRequest,
  KeyValueSettings,
} from "./sqlite-key-value-messages.ts";
import { KeyValueTable, openKeyValueDatabase } from "./sqlite-key-value-table.ts";
import { type Failure, failureOf } from "./storage-failure.ts";
import { threadSettings } from "./thread-settings.ts";

// The thread of a key-value store: what is asked for together shares a commit.
const settings = threadSettings<KeyValueSettings>();

function post(reply: KeyValueReply): void {
  parentPort?.postMessage(reply);
}

function toFailure(error: unknown): Failure {
  if (error instanceof AnywireError) return { code: error.code, message: error.message };
  return failureOf(error, settings.file);
}

function take(db: DatabaseSync, table: KeyValueTable, calls: readonly KeyValueCall[]): void {
  try {
    const isWriting = calls.some(({ type }) => type !== "get" && type !== "list");
    db.exec(isWriting ? "BEGIN IMMEDIATE" : "BEGIN");
    const outcomes = calls.map((call) => outcomeOf(table, call));
    db.exec("COMMIT");
    post({ type: "done", outcomes });
  } catch (error) {
    if (db.isTransaction) db.exec("ROLLBACK");
    const failure = toFailure(error);
    post({ type: "done", outcomes: calls.map(() => ({ isDone: false, failure })) });
  }
}

function outcomeOf(table: KeyValueTable, call: KeyValueCall): KeyValueOutcome {
  try {
    return { isDone: true, result: table.take(call) };
  } catch (error) {
    // What the step itself refuses has changed nothing; whatever else fails, fails with all of them.
    if (error instanceof AnywireError) return { isDone: false, failure: toFailure(error) };
    throw error;
  }
}

function run(): void {
  const db = openKeyValueDatabase(settings);
  const table = new KeyValueTable(db);
  parentPort?.on("message", (request: KeyValueRequest) => {
    if (request !== null) return take(db, table, request);
    db.close();
    parentPort?.close();
  });
  post({ type: "ready" });
}

try {
  run();
} catch (error) {
  post({ type: "failed", failure: toFailure(error) });
}
