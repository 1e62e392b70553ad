import type { DatabaseSync } from "node:sqlite";
import { parentPort } from "node:worker_threads";
import { EntryReader } from "./entry-reader.ts";
import { type DatabaseOptions, openForReading } from "./open-database.ts";
import type { NumberedRequest, ReaderReply, ReaderRequest } from "./reader-messages.ts";
import { failureOf } from "./storage-failure.ts";
import { threadSettings } from "./thread-settings.ts";

// The thread that reads, so that a long read never holds up a commit.
const options = threadSettings<DatabaseOptions>();

function post(reply: ReaderReply): void {
  parentPort?.postMessage(reply);
}

let db: DatabaseSync | undefined;
let reader: EntryReader | undefined;

function open(): void {
  try {
    db = openForReading(options);
    reader = new EntryReader(db);
    post({ type: "ready" });
  } catch (error) {
    post({ type: "failed", failure: failureOf(error, options.file) });
  }
}

function read({ number, request }: NumberedRequest): void {
  if (reader === undefined) return;
  try {
    post({ type: "read", number, result: reader.read(request) });
  } catch (error) {
    post({ type: "unread", number, failure: failureOf(error, options.file) });
  }
}

parentPort?.on("message", (message: ReaderRequest) => {
  if (message === "open") open();
  else if (message !== null) read(message);
  else {
    db?.close();
    parentPort?.close();
  }
});
