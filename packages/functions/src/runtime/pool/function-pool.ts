import type { FunctionDescription } from "../../author/definition.ts";
import type { Revision } from "../bundle/revision.ts";
import type { HostCalls, RunReport, RunRequest } from "../run.ts";

/** The limits of a pool. */
export interface PoolLimits {
  /** Workers that are there as long as the pool. */
  readonly minWorkers: number;
  /** Workers at most, when all are busy. */
  readonly maxWorkers: number;
  /** What each worker may keep in memory, MB; garbage that is not collected yet may take as much again. */
  readonly memoryMb: number;
  /** Runs that may wait for a worker. */
  readonly maxQueue: number;
  /** Runs that are at work in one worker at a time. */
  readonly maxConcurrentRuns: number;
  /** Calls of one run to the host. */
  readonly maxCalls: number;
  /** Lines that one run may log; what is beyond is counted and said. */
  readonly maxLogLines: number;
  /** Ranges of private addresses that `fetch` may reach, such as `127.0.0.1` or `10.0.0.0/8`. */
  readonly allowedAddresses: readonly string[];
}

/** What a pool is made of. */
export interface PoolOptions {
  readonly revision: Revision;
  readonly limits: PoolLimits;
  readonly calls: HostCalls;
  /** What a worker says outside of any run, such as a rejection that nobody handled. */
  readonly onWorkerError: (text: string) => void;
}

/** How busy a pool is. */
export interface PoolStats {
  readonly workers: number;
  readonly queued: number;
  readonly running: number;
  /** Workers that were ended and replaced, since the pool began. */
  readonly replaced: number;
}

/** Workers that run the functions of one revision. */
export interface FunctionPool {
  readonly revision: string;
  readonly functions: readonly FunctionDescription[];
  /** Runs a function once. Never rejects: what goes wrong is in the report. */
  run(request: RunRequest): Promise<RunReport>;
  stats(): PoolStats;
  /** Takes nothing more, lets the runs under way come to their end or deadline, and ends the workers. A second call waits for the first. */
  close(): Promise<void>;
  /** Has `close` wait no longer: runs under way are over as `stopped`, whatever they are at. */
  stop(): void;
}

/** Makes a pool; resolves when its first worker has loaded every function. Rejects with `FunctionBuildError` when one cannot be loaded. */
export type CreateFunctionPool = (options: PoolOptions) => Promise<FunctionPool>;
