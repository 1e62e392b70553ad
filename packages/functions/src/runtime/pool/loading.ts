import { AnywireError } from "@anywire/types";
import { FunctionBuildError, type FunctionCode } from "../bundle/revision.ts";
import type { Death, PoolWorker } from "./pool-worker.ts";

/** How long a thread may take to start, and each function to be loaded, ms. */
const START_MS = 30_000;
const LOAD_MS = 5_000;

/** Watches a worker load its functions: one may never come to its end. */
export class Loading {
  readonly worker: PoolWorker;
  readonly #functions: readonly FunctionCode[];
  #count = 0;
  #since = performance.now();

  constructor(worker: PoolWorker, functions: readonly FunctionCode[]) {
    this.worker = worker;
    this.#functions = functions;
  }

  /** Whether the same function has been loading for too long. */
  isStuck(now: number): boolean {
    const count = this.worker.claims.loading;
    if (count !== this.#count) {
      this.#count = count;
      this.#since = now;
    }
    return now - this.#since > (count === 0 ? START_MS : LOAD_MS);
  }

  /** What is wrong, when the worker died before everything was loaded. */
  errorOf({ reason, message }: Death): Error {
    const code = this.#functions[this.worker.claims.loading - 1];
    if (code === undefined) {
      return new AnywireError(
        "internal",
        `a worker for functions could not be started: ${message}`,
      );
    }
    const text = `${TEXTS[reason]} (${message})`;
    return new FunctionBuildError([{ file: code.file, line: null, column: null, text }]);
  }
}

const TEXTS: Readonly<Record<Death["reason"], string>> = {
  stuck: `was not loaded within ${LOAD_MS} ms: its top level loops, or awaits what never comes`,
  out_of_memory: "used more memory than a worker has while it was loaded",
  crashed: "ended its worker while it was loaded",
  worn_out: "ended its worker while it was loaded",
  ended: "was still being loaded when its pool was closed",
};
