import { setImmediate as nextTurn } from "node:timers/promises";
import type { MessagePort } from "node:worker_threads";
import { AnywireError } from "@anywire/types";
import type { FunctionDefinition } from "../../author/definition.ts";
import { FunctionFault } from "../../author/function-fault.ts";
import type { RunError } from "../run.ts";
import type { AuthorFiles } from "./author-files.ts";
import type { Claims } from "./claims.ts";
import type { Outbox } from "./outbox.ts";
import { toPlainResult } from "./plain-result.ts";
import { createRunContext } from "./run-context.ts";
import type { CallAnswer, PoolMessage, StartRun, WorkerLimits } from "./worker-messages.ts";
import { type RunSurroundings, WorkerRun } from "./worker-run.ts";

/** A function whose last run took no longer than this to hand over to the event loop is begun together with others, ms. */
const QUICK_MS = 1;

/** What a worker works with. */
export interface FunctionWorkerOptions {
  readonly definitions: readonly FunctionDefinition[];
  readonly names: readonly string[];
  readonly limits: WorkerLimits;
  readonly files: AuthorFiles;
  readonly claims: Claims;
  readonly outbox: Outbox;
}

interface Waiting {
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: AnywireError) => void;
}

/** Begins the runs it is told to, hands on their calls, and tells what came of them. */
export class FunctionWorker {
  readonly #options: FunctionWorkerOptions;
  readonly #surroundings: RunSurroundings;
  readonly #runs = new Map<number, WorkerRun>();
  readonly #waiting = new Map<number, Waiting>();
  /** By function: how long its last run took to hand over to the event loop. */
  readonly #handoverMs: number[];
  #lastCall = 0;

  constructor(options: FunctionWorkerOptions) {
    const { outbox, limits, definitions } = options;
    this.#options = options;
    this.#handoverMs = definitions.map(() => Number.POSITIVE_INFINITY);
    this.#surroundings = {
      limits,
      ask: (call) =>
        new Promise((resolve, reject) => {
          this.#lastCall += 1;
          this.#waiting.set(this.#lastCall, { resolve, reject });
          outbox.call({ id: this.#lastCall, ...call });
        }),
      over: (over) => outbox.over(over),
      settled: (id) => outbox.settled(id),
      outside: (text) => outbox.outside(text),
    };
  }

  /** Works for the pool at the other end of a port. */
  listen(port: MessagePort): void {
    port.on("message", (message: PoolMessage) => void this.#take(message));
  }

  async #take({ turn, runs, answers, late }: PoolMessage): Promise<void> {
    const { outbox, claims } = this.#options;
    outbox.heard(turn);
    for (const answer of answers) this.#answer(answer);
    for (const id of late) this.#runs.get(id)?.expire();
    if (runs.length === 0) return;
    for (const [place, run] of runs.entries()) {
      if (!this.#isQuick(run)) {
        // It may never hand over: what came of those before is told first.
        await nextTurn();
        outbox.flush();
      }
      if (claims.begin(place)) this.#begin(run);
    }
    outbox.begun(turn);
  }

  #isQuick({ index }: StartRun): boolean {
    return (this.#handoverMs[index] ?? 0) < QUICK_MS;
  }

  #begin(start: StartRun): void {
    const { definitions, names } = this.#options;
    const run = new WorkerRun(names[start.index] ?? "", start, this.#surroundings);
    const definition = definitions[start.index];
    if (definition === undefined) return;
    this.#runs.set(start.id, run);
    const began = performance.now();
    void run.within(() => this.#work(run, definition));
    this.#handoverMs[start.index] = performance.now() - began;
  }

  async #work(run: WorkerRun, definition: FunctionDefinition): Promise<void> {
    try {
      const result = await definition.run(run.start.event, createRunContext(run));
      run.succeed(toPlainResult(result));
    } catch (thrown) {
      run.fail(this.#errorOf(thrown));
    } finally {
      this.#runs.delete(run.start.id);
    }
  }

  #errorOf(thrown: unknown): RunError {
    const { files } = this.#options;
    const failure = thrown instanceof FunctionFault ? thrown.failure : "threw";
    const stack = thrown instanceof FunctionFault ? undefined : files.stackOf(thrown);
    return { failure, message: files.messageOf(thrown), ...(stack !== undefined && { stack }) };
  }

  #answer({ id, value, error }: CallAnswer): void {
    const waiting = this.#waiting.get(id);
    this.#waiting.delete(id);
    if (error === undefined) waiting?.resolve(value);
    else waiting?.reject(new AnywireError(error.code, error.message, { details: error.details }));
  }
}
