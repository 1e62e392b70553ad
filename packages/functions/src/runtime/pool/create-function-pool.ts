import { createAddressGuard } from "../worker/address-guard.ts";
import type { CreateFunctionPool } from "./function-pool.ts";
import { WorkerPool } from "./worker-pool.ts";

/**
 * Makes a pool of worker threads.
 * @throws {AnywireError} `bad_request` when an allowed range of addresses is none.
 */
export const createFunctionPool: CreateFunctionPool = async (options) => {
  createAddressGuard(options.limits.allowedAddresses);
  const pool = new WorkerPool(options);
  await pool.open();
  return pool;
};
