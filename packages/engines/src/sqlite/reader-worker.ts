import { parentPort, workerData } from "node:worker_threads";
import { EntryReader } from "./entry-reader.ts";
import { type DatabaseOptions, openForReading } from "./open-database.ts";
import type { ReaderReply, ReaderRequest } from "./reader-messages.ts";
import { failureOf } from "./storage-failure.ts";

// The thread that reads, so that a long read never holds up a commit.
const options = workerData as DatabaseOptions;

function post(reply: ReaderReply): void {
  parentPort?.postMessage(reply);
}

function run(): void {
  const db = openForReading(options);
  const reader = new EntryReader(db);
  parentPort?.on("message", (message: ReaderRequest) => {
    if (message === null) {
      db.close();
      parentPort?.close();
      return;
    }
    const { number, request } = message;
    try {
      post({ type: "read", number, result: reader.read(request) });
    } catch (error) {
      post({ type: "unread", number, failure: failureOf(error, options.file) });
    }
  });
  post({ type: "ready" });
}

try {
  run();
} catch (error) {
  post({ type: "failed", failure: failureOf(error, options.file) });
}
