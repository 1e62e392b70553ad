import { enableCompileCache } from "node:module";
import { workerData } from "node:worker_threads";
import type { WorkerSettings } from "./worker-messages.ts";

// Node.js has each thread compile everything anew unless it is told: most of the time that a thread takes to start.
const { compileCache } = workerData as WorkerSettings;
if (compileCache !== undefined) enableCompileCache(compileCache);
await import("./worker-main.ts");
