import { getCompileCacheDir } from "node:module";
import { dirname } from "node:path";
import {
  MessageChannel,
  type MessagePort,
  receiveMessageOnPort,
  Worker,
} from "node:worker_threads";
import type { Revision } from "../bundle/revision.ts";
import { Claims } from "../worker/claims.ts";
import { ourModule } from "../worker/our-module.ts";
import type {
  CallAnswer,
  CallAsked,
  Loaded,
  PoolMessage,
  RunOver,
  WorkerMessage,
  WorkerSettings,
} from "../worker/worker-messages.ts";
import type { PoolLimits } from "./function-pool.ts";
import type { PoolRun } from "./pool-run.ts";

/** A heap takes up to this many times what is alive in it, before V8 collects the garbage. */
export const GARBAGE_FACTOR = 2;

/** Why a worker is no more. */
export interface Death {
  /** `stuck`: it did not hand over to its event loop. `worn_out`: too many runs never left it. `ended`: it was not needed any more. */
  readonly reason: "out_of_memory" | "crashed" | "stuck" | "worn_out" | "ended";
  readonly message: string;
}

/** What happens in a worker. */
export interface PoolWorkerEvents {
  onLoaded(worker: PoolWorker, loaded: Loaded): void;
  onOver(worker: PoolWorker, run: PoolRun, over: RunOver): void;
  onCall(worker: PoolWorker, call: CallAsked): void;
  onOutside(text: string): void;
  /** It was heard: perhaps it can take more. */
  onHeard(worker: PoolWorker): void;
  /** It is no more; its runs are still in `running` and `abandoned`. */
  onDeath(worker: PoolWorker, death: Death): void;
}

/** A worker as its pool sees it: what it has to do, and whether it answers. */
export class PoolWorker {
  /** Runs that were sent and are not over, by id. */
  readonly running = new Map<number, PoolRun>();
  /** Runs that were late and have not come to their end. */
  readonly abandoned = new Map<number, PoolRun>();
  readonly claims: Claims;
  /** Runs that it was sent so far. */
  sent = 0;
  /** For a run that must be alone there: it gets no others. */
  isReserved = false;
  /** Since when it has had nothing to do; also when it has something to do. */
  idleSince = performance.now();
  readonly #events: PoolWorkerEvents;
  readonly #thread: Worker;
  readonly #port: MessagePort;
  readonly #gone: Promise<void>;
  #isLoaded = false;
  #death: Death | undefined;
  #turn = 0;
  #heardTurn = 0;
  #silentSince = 0;
  #lateTurn = 0;
  #lateAt = 0;
  #batch: readonly PoolRun[] = [];
  #batchTurn = 0;
  #begunTurn = 0;
  #answers: CallAnswer[] = [];
  #late: number[] = [];
  #isScheduled = false;
  #isAsked = false;

  constructor(revision: Revision, limits: PoolLimits, events: PoolWorkerEvents) {
    this.#events = events;
    const memory = Claims.allocate();
    this.claims = new Claims(memory);
    const { port1, port2 } = new MessageChannel();
    this.#port = port1;
    this.#port.on("message", (message: WorkerMessage) => this.#hear(message));
    this.#thread = startThread(
      {
        port: port2,
        claims: memory,
        functions: revision.functions,
        root: revision.root,
        limits,
        compileCache: compileCacheDirectory(),
      },
      limits,
    );
    this.#gone = this.#awaitExit();
  }

  get isLoaded(): boolean {
    return this.#isLoaded;
  }

  get isDead(): boolean {
    return this.#death !== undefined;
  }

  /** Whether it has begun all that it was sent, so that it can be sent more. */
  get isReady(): boolean {
    return this.#isLoaded && !this.isDead && this.#begunTurn >= this.#batchTurn;
  }

  /** How long something that it was sent has not been heard by it, ms; 0 when all was. */
  silentMs(now: number): number {
    return this.#heardTurn >= this.#turn ? 0 : now - this.#silentSince;
  }

  /** How long it has not begun all that it was sent, ms. */
  unbegunMs(now: number): number {
    return this.isReady ? 0 : now - this.#silentSince;
  }

  /** Whether something that it is told has not been heard by it yet. */
  get isUnheard(): boolean {
    return this.#isScheduled || this.#heardTurn < this.#turn;
  }

  /** Whether something is at work there. */
  get isBusy(): boolean {
    return this.running.size > 0 || !this.#isLoaded || this.isUnheard;
  }

  /** How long it has not heard that the deadline of a run has come, ms. */
  ignoresDeadlineMs(now: number): number {
    return this.#heardTurn >= this.#lateTurn ? 0 : now - this.#lateAt;
  }

  /** The run that it began last of those that it was sent last, while it has not begun them all. */
  get lastBegun(): PoolRun | undefined {
    if (this.isReady) return undefined;
    return this.#batch.findLast((_, place) => this.claims.isBegun(place));
  }

  /** Sends runs; only when it is ready. */
  send(runs: readonly PoolRun[]): void {
    this.claims.reset();
    for (const run of runs) {
      run.send(this);
      this.running.set(run.start.id, run);
    }
    this.sent += runs.length;
    this.#batch = runs;
    this.#post(runs);
    this.#batchTurn = this.#turn;
  }

  answer(answer: CallAnswer): void {
    this.#answers.push(answer);
    this.#schedule();
  }

  /** The deadline of a run has come. */
  abandon(run: PoolRun): void {
    const { id } = run.start;
    if (!this.running.delete(id)) return;
    this.abandoned.set(id, run);
    this.#late.push(id);
    this.#schedule();
  }

  /** Takes back the runs that it has not begun. */
  takeBack(): readonly PoolRun[] {
    if (this.#begunTurn >= this.#batchTurn) return [];
    const unbegun = this.#batch.filter(
      (run, place) => this.running.has(run.start.id) && this.claims.takeBack(place),
    );
    for (const run of unbegun) this.running.delete(run.start.id);
    return unbegun;
  }

  /** Bytes that it holds: its heap, with garbage that is not collected yet, and what is beside it, such as buffers. 0 when it does not tell. */
  async memoryBytes(): Promise<number> {
    // Asked for once at a time: a worker that collects its garbage does not answer for a while.
    if (this.#isAsked) return 0;
    this.#isAsked = true;
    try {
      const { used_heap_size: heap, external_memory: beside } =
        await this.#thread.getHeapStatistics();
      return heap + beside;
    } catch {
      // It is ending.
      return 0;
    } finally {
      this.#isAsked = false;
    }
  }

  /** Ends it, whatever it does; for its pool it is dead at once. */
  kill(death: Death): void {
    this.#die(death);
    void this.#thread.terminate();
  }

  /** Resolves when the thread has gone: what waits for another process, or computes in one go, may take its time. */
  get gone(): Promise<void> {
    return this.#gone;
  }

  #schedule(): void {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    setImmediate(() => {
      if (this.#isScheduled) this.#post([]);
    });
  }

  #post(runs: readonly PoolRun[]): void {
    if (this.isDead) return;
    this.#isScheduled = false;
    if (this.#heardTurn >= this.#turn) this.#silentSince = performance.now();
    this.#turn += 1;
    if (this.#late.length > 0 && this.#heardTurn >= this.#lateTurn) {
      this.#lateTurn = this.#turn;
      this.#lateAt = performance.now();
    }
    const message: PoolMessage = {
      turn: this.#turn,
      runs: runs.map(({ start }) => start),
      answers: this.#answers,
      late: this.#late,
    };
    this.#answers = [];
    this.#late = [];
    this.#port.postMessage(message);
  }

  #hear({ turn, batch, over, calls, settled, outside, loaded }: WorkerMessage): void {
    if (turn > this.#heardTurn || batch > this.#begunTurn) this.#silentSince = performance.now();
    this.#heardTurn = turn;
    this.#begunTurn = batch;
    for (const text of outside) this.#events.onOutside(text);
    for (const each of over) this.#finish(each);
    for (const id of settled) this.abandoned.delete(id);
    for (const call of calls) this.#events.onCall(this, call);
    if (loaded !== undefined) {
      this.#isLoaded = loaded.problems.length === 0;
      this.#events.onLoaded(this, loaded);
    }
    if (this.running.size === 0) this.idleSince = performance.now();
    this.#events.onHeard(this);
  }

  #finish(over: RunOver): void {
    const running = this.running.get(over.id);
    const run = running ?? this.abandoned.get(over.id);
    if (run !== undefined) this.#events.onOver(this, run, over);
    this.running.delete(over.id);
    if (over.isLate !== true) this.abandoned.delete(over.id);
  }

  #awaitExit(): Promise<void> {
    return new Promise((resolve) => {
      this.#thread.on("error", (error: NodeJS.ErrnoException) => {
        const isMemory = error.code === "ERR_WORKER_OUT_OF_MEMORY";
        this.#die({ reason: isMemory ? "out_of_memory" : "crashed", message: error.message });
      });
      this.#thread.on("exit", (code) => {
        this.#die({ reason: "crashed", message: `it exited with code ${code}` });
        resolve();
      });
    });
  }

  #die(death: Death): void {
    if (this.#death !== undefined) return;
    this.#death = death;
    this.#hearTheRest();
    this.#port.close();
    this.#events.onDeath(this, death);
  }

  /** What it said last may not have been delivered yet. */
  #hearTheRest(): void {
    for (;;) {
      const received = receiveMessageOnPort(this.#port);
      if (received === undefined) return;
      this.#hear(received.message as WorkerMessage);
    }
  }
}

/** Of the heap for what is new, MB. */
const YOUNG_MB = 16;

/**
 * What V8 gives a worker beyond what its pool lets it have, MB. When an allocation in V8's own code does not fit, such as that of
 * an array that grows, V8 ends the whole process; so a worker is ended by its pool long before that, and V8's limit is far.
 */
const HEADROOM_MB = 1_024;

function startThread(settings: WorkerSettings, { memoryMb }: PoolLimits): Worker {
  const url = ourModule("../worker/start-worker", import.meta.url);
  const thread = new Worker(url, {
    workerData: settings,
    transferList: [settings.port],
    name: "anywire functions",
    // Nothing of the server's, such as its secrets, is in reach of the functions.
    env: {},
    // None of the process's own flags: some, such as those of `node --eval`, stop a thread from starting.
    execArgv: url.pathname.endsWith(".ts") ? ["--conditions=@anywire/source"] : [],
    stdout: true,
    stderr: true,
    resourceLimits: {
      maxOldGenerationSizeMb: GARBAGE_FACTOR * memoryMb + HEADROOM_MB,
      maxYoungGenerationSizeMb: YOUNG_MB,
    },
  });
  // What Node.js itself writes there, such as warnings.
  thread.stdout.resume();
  thread.stderr.resume();
  return thread;
}

/** What `enableCompileCache` was given: Node.js keeps a directory of its own in it. */
function compileCacheDirectory(): string | undefined {
  const directory = getCompileCacheDir();
  return directory === undefined ? undefined : dirname(directory);
}
