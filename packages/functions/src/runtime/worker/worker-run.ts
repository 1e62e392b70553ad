import { AsyncLocalStorage } from "node:async_hooks";
import { AnywireError } from "@anywire/types";
import { isTooDeep, TOO_DEEP } from "../../author/json-depth.ts";
import type { FunctionResult } from "../../author/results.ts";
import { counted } from "../counted.ts";
import type { CallMethod, Effect, LogLine, RunError } from "../run.ts";
import { DiscardedEffects } from "./discarded-effects.ts";
import { toLogLine } from "./log-line.ts";
import type { CallAsked, RunOver, StartRun, WorkerLimits } from "./worker-messages.ts";

/** What a run has to do with beside its function. */
export interface RunSurroundings {
  readonly limits: WorkerLimits;
  /** Puts a call to the host. */
  ask(call: Omit<CallAsked, "id">): Promise<unknown>;
  over(over: RunOver): void;
  /** A run that was late came to its end all the same. */
  settled(id: number): void;
  /** Something was said that belongs to no run. */
  outside(text: string): void;
}

const current = new AsyncLocalStorage<WorkerRun>();

/** The run whose code is at work; undefined outside of any, such as while a file is loaded. */
export function currentRun(): WorkerRun | undefined {
  return current.getStore();
}

/** A run in a worker: what it logs, calls and changes, until it is over. */
export class WorkerRun {
  readonly name: string;
  readonly start: StartRun;
  readonly #surroundings: RunSurroundings;
  readonly #startedAt = performance.now();
  readonly #discarded: DiscardedEffects | undefined;
  readonly #lines: LogLine[] = [];
  #leftOut = 0;
  #calls = 0;
  #state: "running" | "late" | "over" = "running";
  // Made when they are asked for: few runs need one.
  /** Calls to the host, by method. */
  #asked: Map<CallMethod, number> | undefined;
  #deadline: AbortController | undefined;
  #end: AbortController | undefined;

  constructor(name: string, start: StartRun, surroundings: RunSurroundings) {
    this.name = name;
    this.start = start;
    this.#surroundings = surroundings;
    if (start.isDiscarding) {
      this.#discarded = new DiscardedEffects(start, (method, args) => this.#ask(method, args));
    }
  }

  /** Does some work as part of this run. */
  within<R>(work: () => R): R {
    return current.run(this, work);
  }

  /** Aborted at the deadline. */
  get deadline(): AbortSignal {
    this.#deadline ??= new AbortController();
    if (this.#state === "late") this.#deadline.abort(this.#refusal());
    return this.#deadline.signal;
  }

  /** Aborted when the run is over, in time or not. */
  get end(): AbortSignal {
    this.#end ??= new AbortController();
    if (this.#state !== "running") this.#end.abort(this.#refusal());
    return this.#end.signal;
  }

  /** Notes what the run would have changed; undefined when it changes it indeed. */
  get discarded(): DiscardedEffects | undefined {
    return this.#discarded;
  }

  log(level: LogLine["level"], text: unknown, fields?: unknown): void {
    if (this.#state !== "running") {
      const { text: said } = toLogLine(level, text, undefined);
      this.#surroundings.outside(`${this.name}, after its run was over: ${said}`);
    } else if (this.#lines.length < this.#surroundings.limits.maxLogLines) {
      this.#lines.push(toLogLine(level, text, fields));
    } else {
      this.#leftOut += 1;
    }
  }

  /** Calls the host. Arguments are JSON; those at the end that are undefined are left out. */
  async call(method: CallMethod, args: readonly unknown[]): Promise<unknown> {
    this.count(method);
    if (this.#discarded !== undefined)
      return await this.#discarded.call(method, plain(method, args));
    return await this.#ask(method, args);
  }

  /**
   * Counts something that the run does outside.
   * @throws {AnywireError} `unavailable` once the run is over, `limit_exceeded`
   */
  count(what: string): void {
    if (this.#state !== "running") throw this.#refusal();
    this.#calls += 1;
    const { maxCalls } = this.#surroundings.limits;
    if (this.#calls > maxCalls) {
      throw new AnywireError(
        "limit_exceeded",
        `${what}: a run may call out ${counted(maxCalls, "time")} (functions.maxCalls)`,
      );
    }
  }

  succeed(result: FunctionResult): void {
    // Nearly all: nothing to tell but that it is done.
    const isPlain = result.type === "ok" && result.changed === undefined;
    this.#finish(isPlain ? {} : { result });
  }

  fail(error: RunError): void {
    this.#finish({ error });
  }

  /** Its deadline has come. What it logged and did so far is told; what it returns is not. */
  expire(): void {
    if (this.#state !== "running") return;
    this.#state = "late";
    this.#tell({ isLate: true });
    this.within(() => {
      this.#deadline?.abort(this.#refusal());
      this.#end?.abort(this.#refusal());
    });
  }

  #finish(outcome: Pick<RunOver, "result" | "error">): void {
    const was = this.#state;
    this.#state = "over";
    if (was === "late") this.#surroundings.settled(this.start.id);
    if (was !== "running") return;
    this.#tell(outcome);
    this.#end?.abort(this.#refusal());
  }

  #tell(outcome: Pick<RunOver, "result" | "error" | "isLate">): void {
    const effects: readonly Effect[] = this.#discarded?.effects ?? [];
    const lines = this.#allLines();
    this.#surroundings.over({
      id: this.start.id,
      durationMs: performance.now() - this.#startedAt,
      ...outcome,
      ...(lines.length > 0 && { lines }),
      ...(effects.length > 0 && { effects }),
    });
  }

  #allLines(): readonly LogLine[] {
    if (this.#leftOut === 0) return this.#lines;
    const { maxLogLines } = this.#surroundings.limits;
    const text = `${this.#leftOut} more lines left out: a run may log ${maxLogLines} (functions.maxLogLines)`;
    return [...this.#lines, toLogLine("warn", text, undefined)];
  }

  #ask(method: CallMethod, args: readonly unknown[]): Promise<unknown> {
    const json = toArgsJson(method, args);
    this.#asked ??= new Map();
    const index = (this.#asked.get(method) ?? 0) + 1;
    this.#asked.set(method, index);
    return this.#surroundings.ask({ run: this.start.id, index, method, args: json });
  }

  #refusal(): AnywireError {
    const why = this.#state === "late" ? "its deadline has come" : "it has returned";
    return new AnywireError(
      "unavailable",
      `the run of ${this.name} is over: ${why}; await what you begin before you return`,
    );
  }
}

function plain(method: CallMethod, args: readonly unknown[]): readonly unknown[] {
  return JSON.parse(toArgsJson(method, args)) as readonly unknown[];
}

function toArgsJson(method: CallMethod, args: readonly unknown[]): string {
  const given = args.slice(0, args.findLastIndex((arg) => arg !== undefined) + 1);
  const missing = given.indexOf(undefined);
  if (missing >= 0) {
    throw new AnywireError("bad_request", `${method}: argument ${missing + 1} is missing`);
  }
  let json: string;
  try {
    json = JSON.stringify(given);
  } catch (cause) {
    const why = cause instanceof Error ? cause.message.split("\n")[0] : String(cause);
    throw new AnywireError("bad_request", `${method}: what it is given is no JSON: ${why}`, {
      cause,
    });
  }
  if (json.length > MAX_ARGS_CHARS) {
    throw new AnywireError(
      "too_large",
      `${method}: what it is given has more than ${MAX_ARGS_CHARS} characters of JSON`,
    );
  }
  if (!isTooDeep(json)) return json;
  throw new AnywireError("too_large", `${method}: what it is given is ${TOO_DEEP}`);
}

/** More than anything that may be stored has. */
const MAX_ARGS_CHARS = 4 * 1024 * 1024;
