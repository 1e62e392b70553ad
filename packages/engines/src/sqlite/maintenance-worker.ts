import { parentPort, workerData } from "node:worker_threads";
import type { MaintenanceReply, MaintenanceTask } from "./maintenance-messages.ts";
import { runTask } from "./maintenance-tasks.ts";
import { failureOf } from "./storage-failure.ts";

// The thread of one backup, restore or check; it ends with its answer.
const task = workerData as MaintenanceTask;

function answer(): MaintenanceReply {
  try {
    return { isDone: true, found: runTask(task) };
  } catch (error) {
    const subject = task.type === "restore" ? task.file : task.database;
    return { isDone: false, failure: failureOf(error, subject) };
  }
}

parentPort?.postMessage(answer());
