import { workerData } from "node:worker_threads";
import type { ThreadData } from "./start-thread.ts";

/** What this thread was started with by `WorkerThread`. */
export function threadSettings<Settings>(): Settings {
  return (workerData as ThreadData).settings as Settings;
}
