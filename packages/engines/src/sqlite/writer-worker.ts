import { parentPort } from "node:worker_threads";
import { BatchWriter } from "./batch-writer.ts";
import { openForWriting } from "./open-database.ts";
import { failureOf } from "./storage-failure.ts";
import { threadSettings } from "./thread-settings.ts";
import type { WriterReply, WriterRequest, WriterSettings } from "./writer-messages.ts";

// The thread that writes: it owns the only writing connection of its process.
const settings = threadSettings<WriterSettings>();

function post(reply: WriterReply): void {
  parentPort?.postMessage(reply, reply.type === "written" ? [reply.stamps.buffer] : []);
}

function run(): void {
  const db = openForWriting(settings);
  const writer = new BatchWriter(db, settings, post);
  const polling = setInterval(() => writer.poll(), settings.pollMs);
  parentPort?.on("message", (request: WriterRequest) => {
    if (request !== null) {
      writer.write(request);
      return;
    }
    clearInterval(polling);
    db.close();
    parentPort?.close();
  });
  post({ type: "ready", epoch: String(db.prepare("SELECT epoch FROM log").get()?.["epoch"]) });
}

try {
  run();
} catch (error) {
  post({ type: "failed", failure: failureOf(error, settings.file) });
}
