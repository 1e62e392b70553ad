import { MAX_BATCH } from "../worker/claims.ts";
import type { PoolRun } from "./pool-run.ts";
import type { PoolWorker } from "./pool-worker.ts";
import type { RunQueue } from "./run-queue.ts";
import { MAX_ABANDONED } from "./staff.ts";

/** Few runs go to one worker: to wake another costs more than they take. */
const SMALL_BATCH = 8;

/** How runs are given out. */
export interface DispatchOptions {
  readonly maxWorkers: number;
  /** Runs at work in one worker. */
  readonly maxConcurrentRuns: number;
}

/** Gives runs that wait to workers that can take them, and tells which. */
export function dispatch(
  workers: ReadonlySet<PoolWorker>,
  shared: RunQueue,
  apart: RunQueue,
  { maxWorkers, maxConcurrentRuns }: DispatchOptions,
): readonly PoolRun[] {
  const sent: PoolRun[] = [];
  const send = (worker: PoolWorker, runs: readonly PoolRun[]) => {
    worker.send(runs);
    sent.push(...runs);
  };
  reserve(workers, apart, maxWorkers);
  for (const worker of workers) {
    if (!worker.isReserved || !worker.isReady || worker.running.size > 0) continue;
    const run = apart.shift();
    if (run === undefined) worker.isReserved = false;
    else send(worker, [run]);
  }
  while (shared.size > 0) {
    const free = [...workers].filter(
      (worker) => canTake(worker) && worker.running.size < maxConcurrentRuns,
    );
    const [first, ...others] = free;
    if (first === undefined) break;
    const worker = others.reduce((a, b) => (b.running.size < a.running.size ? b : a), first);
    const share = Math.max(SMALL_BATCH, Math.ceil(shared.size / free.length));
    const room = Math.min(share, MAX_BATCH, maxConcurrentRuns - worker.running.size);
    const batch = take(shared, room);
    if (batch.length > 0) send(worker, batch);
  }
  return sent;
}

function canTake(worker: PoolWorker): boolean {
  return worker.isReady && !worker.isReserved && worker.abandoned.size < MAX_ABANDONED;
}

/** Sees to it that runs which must be alone get a worker each, and that one is left for all others. */
function reserve(workers: ReadonlySet<PoolWorker>, apart: RunQueue, maxWorkers: number): void {
  const most = Math.max(1, maxWorkers - 1);
  let reserved = [...workers].filter((worker) => worker.isReserved).length;
  const others = [...workers]
    .filter((worker) => worker.isLoaded && !worker.isReserved && !worker.isDead)
    .sort((a, b) => burden(a) - burden(b) || a.sent - b.sent);
  // The busiest is left to all others, as long as there can be another.
  const offered = maxWorkers === 1 ? others : others.slice(0, -1);
  for (const worker of offered) {
    if (reserved >= Math.min(most, apart.size)) return;
    worker.isReserved = true;
    reserved += 1;
  }
}

function burden(worker: PoolWorker): number {
  return worker.running.size + (worker.isReady ? 0 : MAX_BATCH);
}

function take(queue: RunQueue, count: number): readonly PoolRun[] {
  const runs: PoolRun[] = [];
  while (runs.length < count) {
    const run = queue.shift();
    if (run === undefined) break;
    runs.push(run);
  }
  return runs;
}
