import { counted } from "../counted.ts";
import type { RunError } from "../run.ts";
import type { PoolLimits } from "./function-pool.ts";
import type { PoolRun } from "./pool-run.ts";
import type { Death } from "./pool-worker.ts";

/** What a run failed with whose deadline came while it waited for a worker, or in one. */
export function lateError({ request }: PoolRun, where: "waiting" | "running"): RunError {
  const { deadlineMs } = request;
  const message =
    where === "running"
      ? `it was not done after ${deadlineMs} ms, its deadline`
      : `it was not begun within ${deadlineMs} ms, its deadline: all workers were busy`;
  return { failure: "late", message };
}

/** What a run failed with that was alone in a worker that died. */
export function deathError({ reason, message }: Death, { memoryMb }: PoolLimits): RunError {
  switch (reason) {
    case "out_of_memory": {
      const text = `it used more memory than a worker has, ${memoryMb} MB (functions.memoryMb)`;
      return { failure: "out_of_memory", message: text };
    }
    case "stuck":
      return { failure: "late", message: "it did not hand over to the event loop" };
    case "ended":
    case "worn_out":
      return { failure: "stopped", message };
    default:
      return { failure: "crashed", message: `its worker died: ${message}` };
  }
}

/** What a run fails with that there is no room for. */
export function queueFullError(limit: number): RunError {
  const message = `no more than ${counted(limit, "run")} may wait for a worker (functions.maxQueue)`;
  return { failure: "queue_full", message };
}

/** What a run of a function fails with that the pool does not have. */
export function unknownError({ request }: PoolRun): RunError {
  return { failure: "threw", message: `there is no function ${request.name} in this revision` };
}

/** What runs fail with that wait while no worker can be started. */
export const BROKEN: RunError = {
  failure: "crashed",
  message: "no worker can be started: the functions cannot be loaded any more",
};

/** What a run fails with that comes when its pool closes. */
export const STOPPED: RunError = {
  failure: "stopped",
  message: "the functions are being stopped or replaced",
};
