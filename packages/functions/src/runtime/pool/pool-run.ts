import type { FunctionDescription } from "../../author/definition.ts";
import type { RunError, RunReport, RunRequest } from "../run.ts";
import type { RunOver, StartRun } from "../worker/worker-messages.ts";
import type { PoolWorker } from "./pool-worker.ts";

/** Triggers whose caller waits: their deadline counts from the call. */
const HELD: ReadonlySet<FunctionDescription["trigger"]> = new Set([
  "beforePublish",
  "beforeSignal",
  "onRequest",
]);

const POSTPONED_MS = 1_000;
/** How long a worker may take to tell what a run logged that is late. */
const EXPIRING_MS = 50;

/** A run that a pool was asked for: waiting, at work in a worker, or over. */
export class PoolRun {
  readonly start: StartRun;
  readonly request: RunRequest;
  readonly calledAt = performance.now();
  /** Its deadline counts from the call. */
  readonly isHeld: boolean;
  /** It must not share a worker: it, or its function, may have been the end of one. */
  isAlone = false;
  /** Its deadline has come, and its worker was told. */
  isExpiring = false;
  /** A worker died while it was at work there. */
  hasDied = false;
  /** Where it is at work. */
  worker: PoolWorker | undefined;
  /** When its deadline comes; of one that is not held it counts from each beginning. */
  dueAt: number;
  readonly #resolve: (report: RunReport) => void;
  #sentAt = 0;
  #isOver = false;

  constructor(
    start: StartRun,
    request: RunRequest,
    trigger: FunctionDescription["trigger"],
    resolve: (report: RunReport) => void,
  ) {
    this.start = start;
    this.request = request;
    this.isHeld = HELD.has(trigger);
    this.dueAt = this.isHeld ? this.calledAt + request.deadlineMs : Number.POSITIVE_INFINITY;
    this.#resolve = resolve;
  }

  get isOver(): boolean {
    return this.#isOver;
  }

  /** It goes to a worker. */
  send(worker: PoolWorker): void {
    this.worker = worker;
    this.#sentAt = performance.now();
    if (!this.isHeld) this.dueAt = this.#sentAt + this.request.deadlineMs;
  }

  /** Its deadline has come: the time until which to wait for what its worker tells of it. */
  expire(now: number): number {
    this.isExpiring = true;
    this.dueAt = now + EXPIRING_MS;
    return this.dueAt;
  }

  /** Its deadline does not count now: the time at which to look again. */
  postpone(now: number): number {
    this.dueAt = now + POSTPONED_MS;
    return this.dueAt;
  }

  finish({ durationMs, result = { type: "ok" }, error, lines = [], effects = [] }: RunOver): void {
    const queuedMs = Math.max(0, performance.now() - this.calledAt - durationMs);
    const outcome = error === undefined ? { result } : { error };
    this.#end({ ...outcome, durationMs, queuedMs, lines, effects });
  }

  fail(error: RunError): void {
    const now = performance.now();
    const began = this.worker === undefined ? now : this.#sentAt;
    const queuedMs = began - this.calledAt;
    this.#end({ error, durationMs: now - began, queuedMs, lines: [], effects: [] });
  }

  #end(report: RunReport): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#resolve(report);
  }
}
