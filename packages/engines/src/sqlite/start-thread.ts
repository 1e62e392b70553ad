import { enableCompileCache } from "node:module";
import { workerData } from "node:worker_threads";

/** What a thread of this package is started with. */
export interface ThreadData {
  /** URL of the module that does its work. */
  readonly module: string;
  /** What that module reads. */
  readonly settings: unknown;
  /** Where the process keeps compiled code; undefined when it keeps none. */
  readonly compileCache: string | undefined;
}

// Node.js has each thread compile everything anew unless it is told: most of the time that a thread takes to start.
const { module, compileCache } = workerData as ThreadData;
if (compileCache !== undefined) enableCompileCache(compileCache);
await import(module);
