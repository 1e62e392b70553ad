import { url as inspectorUrl } from "node:inspector";
import type { FunctionDescription } from "../../author/definition.ts";
import type { EventInputs } from "../../author/events.ts";
import type { Trigger } from "../../author/trigger.ts";
import type { RunError, RunReport, RunRequest } from "../run.ts";
import type { CallAsked, RunOver } from "../worker/worker-messages.ts";
import { answerCall, tooLate } from "./answer-call.ts";
import { DeadlineWheel } from "./deadline-wheel.ts";
import { dispatch } from "./dispatch.ts";
import type { FunctionPool, PoolOptions, PoolStats } from "./function-pool.ts";
import { PoolRun } from "./pool-run.ts";
import type { Death, PoolWorker } from "./pool-worker.ts";
import {
  BROKEN,
  deathError,
  lateError,
  queueFullError,
  STOPPED,
  unknownError,
} from "./run-errors.ts";
import { RunQueue } from "./run-queue.ts";
import { Staff } from "./staff.ts";

/** How often a pool looks after its runs and workers while there are runs, and while there are none but something is to be done, ms. */
const LOOK_MS = 8;
const REST_MS = 500;
/** Runs that a worker has not begun after this long go to another, and another is started when runs wait for this long, ms. */
const STUCK_MS = 16;
/** A worker that is not heard for this long, and a run of which is late, is ended, ms. */
const GRACE_MS = 150;
/** A worker that has nothing to do and is not heard for this long is ended, ms. */
const LOST_MS = 1_000;
/** How long a function that was the end of a worker has none but its own run there, ms. */
const APART_MS = 30_000;

/** A pool: what waits, what is at work, and what becomes of it when a worker fails. The workers themselves are looked after by {@link Staff}. */
export class WorkerPool implements FunctionPool {
  readonly revision: string;
  functions: readonly FunctionDescription[] = [];
  readonly #options: PoolOptions;
  readonly #staff: Staff;
  readonly #indexes: ReadonlyMap<string, number>;
  readonly #shared = new RunQueue();
  /** Runs that need a worker of their own. */
  readonly #apart = new RunQueue();
  readonly #wheel = new DeadlineWheel<PoolRun>();
  /** Until when functions are kept apart, by index. */
  readonly #apartUntil = new Map<number, number>();
  #lastId = 0;
  #open = 0;
  #waitingSince = 0;
  #isScheduled = false;
  #timer: NodeJS.Timeout | undefined;
  #closing: Promise<void> | undefined;
  #onDrained: (() => void) | undefined;

  constructor(options: PoolOptions) {
    this.#options = options;
    this.revision = options.revision.id;
    this.#indexes = new Map(options.revision.functions.map(({ name }, index) => [name, index]));
    this.#staff = new Staff(options, {
      onOver: (_, run, over) => this.#finish(run, over),
      onCall: (worker, call) => void this.#answer(worker, call),
      onHeard: () => this.#schedule(),
      onDeath: (worker, death) => this.#bury(worker, death),
    });
  }

  /**
   * Resolves when a worker has loaded the functions.
   * @throws {FunctionBuildError}
   */
  async open(): Promise<void> {
    const loaded = this.#staff.startFirst();
    this.#arm();
    try {
      this.functions = await loaded;
    } catch (error) {
      await this.close();
      throw error;
    }
  }

  run(request: RunRequest): Promise<RunReport> {
    return new Promise((resolve) => this.#take(request, resolve));
  }

  stats(): PoolStats {
    const workers = [...this.#staff.workers];
    return {
      workers: workers.length,
      queued: this.#shared.size + this.#apart.size,
      running: workers.reduce((sum, worker) => sum + worker.running.size, 0),
      replaced: this.#staff.replaced,
    };
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  stop(): void {
    void this.close();
    for (const worker of this.#staff.workers) {
      for (const run of [...worker.running.values()]) {
        worker.abandon(run);
        this.#fail(run, STOPPED);
      }
    }
    this.#failQueued(STOPPED);
  }

  async #close(): Promise<void> {
    if (this.#open > 0) {
      await new Promise<void>((resolve) => {
        this.#onDrained = resolve;
      });
    }
    clearTimeout(this.#timer);
    await this.#staff.close();
  }

  #take(request: RunRequest, resolve: (report: RunReport) => void): void {
    const index = this.#indexes.get(request.name);
    const description = this.functions[index ?? -1];
    const run = new PoolRun(
      {
        id: ++this.#lastId,
        index: index ?? -1,
        event: compact(request.event),
        platform: request.platform,
        trace: request.trace,
        key: request.key,
        isDiscarding: request.effects === "discard",
      },
      request,
      description?.trigger ?? "afterPublish",
      resolve,
    );
    const refusal = this.#refusalOf(description, run);
    if (refusal !== undefined) {
      run.fail(refusal);
      return;
    }
    this.#open += 1;
    run.isAlone = this.#isKeptApart(run);
    this.#enqueue(run);
  }

  #refusalOf(description: FunctionDescription | undefined, run: PoolRun): RunError | undefined {
    const { maxQueue } = this.#options.limits;
    if (this.#closing !== undefined) return STOPPED;
    if (description === undefined) return unknownError(run);
    // Those that are kept apart leave room for all others.
    const isFull =
      this.#shared.size + this.#apart.size >= maxQueue ||
      (this.#isKeptApart(run) && this.#apart.size >= maxQueue / 2);
    return isFull ? queueFullError(maxQueue) : undefined;
  }

  #isKeptApart({ start }: PoolRun): boolean {
    if (this.#apartUntil.size === 0) return false;
    return (this.#apartUntil.get(start.index) ?? 0) > performance.now();
  }

  #enqueue(run: PoolRun): void {
    if (this.#queued === 0) this.#waitingSince = run.calledAt;
    (run.isAlone ? this.#apart : this.#shared).push(run);
    if (run.isHeld) this.#wheel.add(run, run.dueAt);
    this.#schedule();
    this.#arm();
  }

  get #queued(): number {
    return this.#shared.size + this.#apart.size;
  }

  /** Once in a turn of the event loop: what comes in the same turn goes out together. */
  #schedule(): void {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    setImmediate(() => {
      this.#isScheduled = false;
      this.#dispatch();
    });
  }

  #dispatch(): void {
    if (this.#queued === 0) return;
    const sent = dispatch(this.#staff.workers, this.#shared, this.#apart, this.#options.limits);
    for (const run of sent) {
      if (!run.isHeld) this.#wheel.add(run, run.dueAt);
    }
  }

  /** Looks after runs and workers for as long as there is something to look after. */
  #arm(): void {
    const interval = this.#lookAgainIn();
    if (this.#timer !== undefined || interval === undefined) return;
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      this.#look(performance.now());
      this.#arm();
    }, interval);
    this.#timer.unref();
  }

  #lookAgainIn(): number | undefined {
    const isBusy =
      this.#open > 0 ||
      this.#staff.isGrowing ||
      [...this.#staff.workers].some((worker) => worker.isUnheard);
    if (isBusy) return LOOK_MS;
    return this.#staff.needsCare ? REST_MS : undefined;
  }

  #look(now: number): void {
    // Nobody is held up by a breakpoint but whoever set it.
    const countsTime = this.#closing !== undefined || inspectorUrl() === undefined;
    for (const run of this.#wheel.takeDue(now)) {
      if (countsTime) this.#expire(run, now);
      else this.#wheel.add(run, run.postpone(now));
    }
    for (const worker of this.#staff.workers) {
      if (worker.isLoaded) this.#lookAt(worker, now, countsTime);
    }
    this.#dispatch();
    if (this.#queued > 0 && now - this.#waitingSince > STUCK_MS) this.#staff.grow(now);
    if (this.#staff.isBroken) this.#failQueued(BROKEN);
    this.#staff.look(now, countsTime);
  }

  #lookAt(worker: PoolWorker, now: number, countsTime: boolean): void {
    if (worker.unbegunMs(now) > STUCK_MS) this.#putBack(worker.takeBack(), now);
    const isIgnoring = worker.ignoresDeadlineMs(now) > GRACE_MS;
    const isLost = worker.running.size === 0 && worker.silentMs(now) > LOST_MS;
    if (countsTime && (isIgnoring || isLost)) {
      worker.kill({ reason: "stuck", message: "it did not hand over to its event loop" });
    }
  }

  #putBack(runs: readonly PoolRun[], now: number): void {
    if (runs.length === 0) return;
    // They have waited for long enough to have another worker started.
    if (this.#queued === 0) this.#waitingSince = now - STUCK_MS - 1;
    for (const run of runs) {
      run.worker = undefined;
      if (!run.isHeld) this.#wheel.delete(run, run.dueAt);
    }
    this.#shared.putBack(runs.filter((run) => !run.isAlone));
    this.#apart.putBack(runs.filter((run) => run.isAlone));
    this.#schedule();
  }

  /** Its deadline has come. A worker that hears so tells what it logged; one that does not is not waited for. */
  #expire(run: PoolRun, now: number): void {
    if (run.worker !== undefined) this.#putBack(run.worker.takeBack(), now);
    if (run.worker === undefined) {
      (run.isAlone ? this.#apart : this.#shared).forget();
      this.#fail(run, lateError(run, "waiting"));
    } else if (run.isExpiring) {
      this.#fail(run, lateError(run, "running"));
    } else {
      run.worker.abandon(run);
      this.#wheel.add(run, run.expire(now));
    }
  }

  #failQueued(error: RunError): void {
    for (const queue of [this.#shared, this.#apart]) {
      for (let run = queue.shift(); run !== undefined; run = queue.shift()) this.#fail(run, error);
    }
  }

  #fail(run: PoolRun, error: RunError): void {
    run.fail(error);
    this.#forget(run);
  }

  #finish(run: PoolRun, over: RunOver): void {
    if (run.isOver) return;
    run.finish(over.isLate === true ? { ...over, error: lateError(run, "running") } : over);
    this.#forget(run);
  }

  #forget(run: PoolRun): void {
    this.#wheel.delete(run, run.dueAt);
    this.#open -= 1;
    if (this.#open === 0) this.#onDrained?.();
  }

  async #answer(worker: PoolWorker, call: CallAsked): Promise<void> {
    const run = worker.running.get(call.run);
    if (run === undefined) worker.answer(tooLate(call));
    else worker.answer(await answerCall(this.#options.calls, run, call));
  }

  /** A worker died: what it had not begun goes to another; of what it had begun, one may be the cause. */
  #bury(worker: PoolWorker, death: Death): void {
    const now = performance.now();
    this.#putBack(worker.takeBack(), now);
    const begun = [...worker.running.values()];
    worker.running.clear();
    const [only] = begun;
    if (death.reason === "stuck") {
      this.#keepApart(
        worker.lastBegun === undefined ? [...worker.abandoned.values()] : [worker.lastBegun],
      );
    } else if (only === undefined && death.reason !== "ended" && death.reason !== "worn_out") {
      this.#options.onWorkerError(`a worker died while no run was at work there: ${death.message}`);
    } else if (only !== undefined && begun.length === 1 && worker.abandoned.size === 0) {
      this.#keepApart([only]);
      this.#fail(only, deathError(death, this.#options.limits));
      return;
    }
    for (const run of begun) {
      // Alone, it is known for certain whether it is the cause.
      run.isAlone ||= death.reason !== "stuck" || run.hasDied || this.#isKeptApart(run);
      run.hasDied = true;
    }
    this.#putBack(begun, now);
    this.#arm();
  }

  #keepApart(runs: readonly PoolRun[]): void {
    const until = performance.now() + APART_MS;
    for (const { start } of runs) this.#apartUntil.set(start.index, until);
  }
}

/** An event whose body is a view on something larger would be cloned with all of that. */
function compact(event: EventInputs[Trigger]): EventInputs[Trigger] {
  if (!("body" in event) || event.body.byteLength === event.body.buffer.byteLength) return event;
  return { ...event, body: new Uint8Array(event.body) };
}
