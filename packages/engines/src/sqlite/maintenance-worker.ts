import { parentPort } from "node:worker_threads";
import type { MaintenanceReply, MaintenanceTask } from "./maintenance-messages.ts";
import { runTask } from "./maintenance-tasks.ts";
import { failureOf } from "./storage-failure.ts";
import { threadSettings } from "./thread-settings.ts";

// The thread of one backup, restore, check or rebuild; it ends with its answer.
const task = threadSettings<MaintenanceTask>();

function post(reply: MaintenanceReply): void {
  parentPort?.postMessage(reply);
}

try {
  const found = runTask(task, (progress) => post({ type: "progress", progress }));
  post({ type: "done", found });
} catch (error) {
  const subject = task.type === "restore" ? task.file : task.database;
  post({ type: "failed", failure: failureOf(error, subject) });
}
