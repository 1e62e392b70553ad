import { setFlagsFromString } from "node:v8";
import { createAddressGuard } from "../worker/address-guard.ts";
import type { CreateFunctionPool } from "./function-pool.ts";
import { WorkerPool } from "./worker-pool.ts";

/**
 * Makes a pool of worker threads.
 * @throws {AnywireError} `bad_request` when an allowed range of addresses is none.
 */
export const createFunctionPool: CreateFunctionPool = async (options) => {
  // With it, V8 14 compiles `for (;;) new Array(1000)` to a loop that never looks whether it shall end: its worker could not be ended.
  setFlagsFromString("--no-turboshaft-loop-unrolling");
  createAddressGuard(options.limits.allowedAddresses);
  const pool = new WorkerPool(options);
  await pool.open();
  return pool;
};
