import { setTimeout } from "node:timers/promises";
import type { FunctionDescription } from "../../author/definition.ts";
import { FunctionBuildError } from "../bundle/revision.ts";
import { counted } from "../counted.ts";
import type { Loaded } from "../worker/worker-messages.ts";
import type { PoolOptions } from "./function-pool.ts";
import { Loading } from "./loading.ts";
import { type Death, GARBAGE_FACTOR, PoolWorker, type PoolWorkerEvents } from "./pool-worker.ts";

/** How long a worker beyond the least number may have nothing to do, ms. */
const IDLE_MS = 30_000;
/** The wait before a worker is started again that could not load its functions, ms; doubles each time, up to the second. */
const RESTART_MS = 100;
const MAX_RESTART_MS = 5_000;
/** How often a worker's memory is looked at while it is at work, and at rest, ms. */
const MEMORY_MS = 50;
const REST_MEMORY_MS = 1_000;
/** How long the pool waits at its end for a thread to go, ms. */
const GOING_MS = 5_000;
/** A worker with that many runs that never came to their end gets no more of them, and is replaced. */
export const MAX_ABANDONED = 32;

/** What the pool is told of its staff. */
export type StaffEvents = Pick<PoolWorkerEvents, "onOver" | "onCall" | "onHeard" | "onDeath">;

interface FirstLoaded {
  resolve(functions: readonly FunctionDescription[]): void;
  reject(error: Error): void;
}

/** The workers of a pool: started when they are needed, replaced when they die, ended when they are not needed. */
export class Staff {
  readonly #options: PoolOptions;
  readonly #events: StaffEvents;
  readonly #workers = new Set<PoolWorker>();
  /** Those that are to end, and have not gone. */
  readonly #going = new Set<PoolWorker>();
  readonly #memorySeenAt = new WeakMap<PoolWorker, number>();
  #loading: Loading | undefined;
  /** Who waits for the first worker. */
  #first: FirstLoaded | undefined;
  #failures = 0;
  #notBefore = 0;
  #replaced = 0;
  #isClosed = false;

  constructor(options: PoolOptions, events: StaffEvents) {
    this.#options = options;
    this.#events = events;
  }

  /** Those that are there, also while they load. */
  get workers(): ReadonlySet<PoolWorker> {
    return this.#workers;
  }

  get replaced(): number {
    return this.#replaced;
  }

  /** Whether a worker is on its way. */
  get isGrowing(): boolean {
    return this.#loading !== undefined;
  }

  /** Whether it cannot be told when there will be a worker again. */
  get isBroken(): boolean {
    return this.#failures >= 3 && [...this.#workers].every((worker) => !worker.isLoaded);
  }

  /**
   * Starts the first worker; resolves with what the functions are.
   * @throws {FunctionBuildError}
   */
  startFirst(): Promise<readonly FunctionDescription[]> {
    return new Promise((resolve, reject) => {
      this.#first = { resolve, reject };
      this.#start();
    });
  }

  /** Starts one more, unless one is on its way or there are as many as there may be. */
  grow(now: number): void {
    if (this.isGrowing || this.#isClosed || now < this.#notBefore) return;
    const { maxWorkers } = this.#options.limits;
    // Some that do not go are made up for, but not without end.
    const most = Math.min(maxWorkers, 2 * maxWorkers - this.#going.size);
    if (this.#workers.size < most) this.#start();
  }

  /** Whether there is something to look after while no run is at work. */
  get needsCare(): boolean {
    const { minWorkers } = this.#options.limits;
    return !this.#isClosed && (this.isGrowing || this.#workers.size !== minWorkers);
  }

  /** Looks after the workers. `countsTime`: whether those may be ended that take too long to load. */
  look(now: number, countsTime: boolean): void {
    if (this.#workers.size < this.#options.limits.minWorkers) this.grow(now);
    if (countsTime && this.#loading?.isStuck(now)) {
      this.#loading.worker.kill({ reason: "stuck", message: "its time is up" });
    }
    for (const worker of this.#workers) {
      this.#lookAtMemory(worker, now);
      if (this.#isWornOut(worker)) {
        worker.kill({ reason: "worn_out", message: "too many runs never came to their end" });
      } else if (this.#isSurplus(worker, now)) {
        worker.kill({ reason: "ended", message: "it had nothing to do" });
      }
    }
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    for (const worker of this.#workers) {
      worker.kill({ reason: "ended", message: "its pool was closed" });
    }
    const timer = new AbortController();
    const tooLong = setTimeout(GOING_MS, "tooLong", { signal: timer.signal }).catch(() => "gone");
    const isGone = Promise.all([...this.#going].map((worker) => worker.gone)).then(() => "gone");
    if ((await Promise.race([isGone, tooLong])) === "tooLong") {
      this.#options.onWorkerError(
        `${counted(this.#going.size, "worker")} could not be ended: a function waits for another process, or computes in one go`,
      );
    }
    timer.abort();
  }

  #start(): void {
    const { revision, limits, onWorkerError } = this.#options;
    const worker = new PoolWorker(revision, limits, {
      ...this.#events,
      onOutside: onWorkerError,
      onLoaded: (which, loaded) => this.#takeOn(which, loaded),
      onDeath: (which, death) => this.#lose(which, death),
    });
    this.#workers.add(worker);
    this.#loading = new Loading(worker, revision.functions);
  }

  #takeOn(worker: PoolWorker, { functions, problems }: Loaded): void {
    this.#loading = undefined;
    if (problems.length === 0) {
      this.#failures = 0;
      this.#first?.resolve(functions);
      return;
    }
    worker.kill({ reason: "ended", message: "it could not load its functions" });
    this.#fail(new FunctionBuildError(problems));
  }

  #lose(worker: PoolWorker, death: Death): void {
    this.#workers.delete(worker);
    this.#going.add(worker);
    void worker.gone.then(() => this.#going.delete(worker));
    const loading = this.#loading?.worker === worker ? this.#loading : undefined;
    if (loading !== undefined) {
      this.#loading = undefined;
      this.#fail(loading.errorOf(death));
    } else if (death.reason !== "ended") {
      this.#replaced += 1;
    }
    if (this.#workers.size < this.#options.limits.minWorkers) this.grow(performance.now());
    this.#events.onDeath(worker, death);
  }

  /** A worker could not be started: the first one is waited for, others are tried again. */
  #fail(error: Error): void {
    this.#first?.reject(error);
    this.#failures += 1;
    const wait = Math.min(RESTART_MS * 2 ** this.#failures, MAX_RESTART_MS);
    this.#notBefore = performance.now() + wait;
    if (!this.#isClosed)
      this.#options.onWorkerError(`a worker could not be started: ${error.message}`);
  }

  #lookAtMemory(worker: PoolWorker, now: number): void {
    const interval = worker.isBusy ? MEMORY_MS : REST_MEMORY_MS;
    if (now - (this.#memorySeenAt.get(worker) ?? 0) < interval) return;
    this.#memorySeenAt.set(worker, now);
    const maxBytes = GARBAGE_FACTOR * this.#options.limits.memoryMb * 1024 * 1024;
    void worker.memoryBytes().then((bytes) => {
      if (bytes > maxBytes) worker.kill({ reason: "out_of_memory", message: "it used too much" });
    });
  }

  #isSurplus(worker: PoolWorker, now: number): boolean {
    if (this.#workers.size <= this.#options.limits.minWorkers || !worker.isLoaded) return false;
    return worker.running.size === 0 && now - worker.idleSince > IDLE_MS;
  }

  #isWornOut(worker: PoolWorker): boolean {
    return worker.running.size === 0 && worker.abandoned.size >= MAX_ABANDONED;
  }
}
