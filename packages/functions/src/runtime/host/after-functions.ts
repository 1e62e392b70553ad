import type { Consumer, ConsumerOptions, Log, LogEntry } from "@anywire/core";
import { AnywireError, toAnywireError } from "@anywire/types";
import { counted } from "../counted.ts";
import { planConsumers } from "./consumer-plan.ts";
import type { Deployed, HeldTable } from "./deployed.ts";
import type { FairSlots } from "./fair-slots.ts";
import type { FailureMeaning, FunctionRuns } from "./function-runs.ts";
import type { BoundFunction } from "./function-table.ts";
import { type Happening, toHappening } from "./happenings.ts";

/** What functions that run after something need. */
export interface AfterFunctionsOptions {
  readonly log: Pick<Log, "consume">;
  readonly deployed: Deployed;
  readonly runs: FunctionRuns;
  readonly slots: FairSlots;
  readonly onError: (error: AnywireError) => void;
}

/** Attempts of a function that says nothing of them; as in `ConsumerOptions`. */
const MAX_ATTEMPTS = 8;
/** How long to wait before a consumer that could not begin is begun again, ms. */
const RETRY_MS = 1_000;

/** A consumer at work for one function. */
interface Running {
  readonly name: string;
  readonly options: ConsumerOptions;
  /** Undefined while it begins or ends. */
  consumer: Consumer | undefined;
  /** Offsets of dead letters that somebody asked to have handled once more. */
  readonly asked: Set<number>;
  /** What it runs: the table of now, or the last one that had the function. */
  held: HeldTable;
}

/** What can be asked of a consumer at work. */
export type ConsumerAtWork = Pick<Consumer, "lag" | "deadLetters" | "replay">;

/**
 * Runs functions after what they are bound to, each by a durable consumer of its own: at least once, in the order of each
 * channel, again after a failure, and given up at last.
 */
export class AfterFunctions {
  readonly #options: AfterFunctionsOptions;
  readonly #running = new Map<string, Running>();
  /** What is being done about each function's consumer, one thing after the other. */
  readonly #changes = new Map<string, Promise<void>>();
  readonly #retries = new Set<ReturnType<typeof setTimeout>>();
  #plan: ReadonlyMap<string, ConsumerOptions> = new Map();
  #isClosed = false;

  constructor(options: AfterFunctionsOptions) {
    this.#options = options;
  }

  /**
   * Has the consumers that the table of now needs. Resolves when new ones are at work; what must end first, a run that takes
   * its time, is not waited for.
   */
  async sync(): Promise<void> {
    this.#plan = planConsumers(this.#options.deployed.table);
    const names = new Set([...this.#running.keys(), ...this.#changes.keys(), ...this.#plan.keys()]);
    const starting: Promise<void>[] = [];
    for (const name of names) {
      const running = this.#running.get(name);
      const isAtRest = !this.#changes.has(name);
      if (isAtRest && running !== undefined && this.#isWanted(name, running)) this.#renew(running);
      else if (isAtRest && running === undefined) starting.push(this.#change(name));
      else void this.#change(name);
    }
    await Promise.all(starting);
  }

  /** The consumer of a function, when it is at work here or stands by. */
  consumer(name: string): ConsumerAtWork | undefined {
    const running = this.#running.get(name);
    if (running?.consumer === undefined) return undefined;
    const { consumer, asked } = running;
    return {
      lag: () => consumer.lag(),
      deadLetters: (after, limit) => consumer.deadLetters(after, limit),
      replay: (offset) => replayAsked(consumer, asked, offset),
    };
  }

  /** Hands all consumers back, once their runs are done. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#plan = new Map();
    for (const timer of this.#retries) clearTimeout(timer);
    // Also what is about to begin: it ends when it has.
    for (const name of [...this.#running.keys(), ...this.#changes.keys()]) void this.#change(name);
    await Promise.all(this.#changes.values());
  }

  #change(name: string): Promise<void> {
    const before = this.#changes.get(name) ?? Promise.resolve();
    const change = before
      .then(() => this.#reach(name))
      .catch((error: unknown) => {
        this.#options.onError(toAnywireError(error));
        this.#tryLater(name);
      })
      .then(() => {
        if (this.#changes.get(name) === change) this.#changes.delete(name);
      });
    this.#changes.set(name, change);
    return change;
  }

  /** Makes of a function's consumer what it should be now. */
  async #reach(name: string): Promise<void> {
    const running = this.#running.get(name);
    if (running !== undefined && this.#isWanted(name, running)) return this.#renew(running);
    if (running !== undefined) await this.#end(running);
    // While it ended, something else may have become wanted.
    const wanted = this.#plan.get(name);
    if (wanted !== undefined) await this.#begin(name, wanted);
  }

  /** The log may be out of reach for a while, and nobody else tries again. */
  #tryLater(name: string): void {
    if (this.#isClosed) return;
    const timer = setTimeout(() => {
      this.#retries.delete(timer);
      void this.#change(name);
    }, RETRY_MS);
    this.#retries.add(timer);
  }

  #isWanted(name: string, { options }: Running): boolean {
    return JSON.stringify(options) === JSON.stringify(this.#plan.get(name));
  }

  #renew(running: Running): void {
    running.held.letGo();
    running.held = this.#options.deployed.hold();
  }

  async #begin(name: string, options: ConsumerOptions): Promise<void> {
    const held = this.#options.deployed.hold();
    const running: Running = { name, options, held, consumer: undefined, asked: new Set() };
    try {
      running.consumer = await this.#options.log.consume(options, (entry, attempt) =>
        this.#handle(running, entry, attempt),
      );
      this.#running.set(name, running);
    } catch (error) {
      running.held.letGo();
      throw error;
    }
  }

  async #end(running: Running): Promise<void> {
    const { consumer } = running;
    running.consumer = undefined;
    try {
      await consumer?.close();
    } catch (error) {
      // It has stopped all the same.
      this.#options.onError(toAnywireError(error));
    }
    this.#running.delete(running.name);
    running.held.letGo();
  }

  async #handle(running: Running, entry: LogEntry, attempt: number): Promise<void> {
    const happening = toHappening(entry);
    if (happening === undefined) return;
    if (boundTo(running, entry, happening) === undefined) {
      if (!running.asked.has(entry.offset)) return;
      throw new AnywireError("not_found", `${running.name} does not run for it any more`);
    }
    const { slots } = this.#options;
    await slots.take(running.name);
    try {
      // Another revision may have come while it waited.
      const bound = boundTo(running, entry, happening);
      if (bound !== undefined) await this.#run(running, bound, happening, entry, attempt);
    } finally {
      slots.free(running.name);
    }
  }

  async #run(
    { name, options }: Running,
    bound: BoundFunction,
    { channel, toEvent }: Happening,
    entry: LogEntry,
    attempt: number,
  ): Promise<void> {
    const event = toEvent(attempt);
    const settled = await this.#options.runs.run(
      {
        bound,
        event,
        platform: event.platform,
        channel,
        key: `${name} ${entry.channel} ${entry.id}`,
        onFailure: meaningOf(attempt, options.maxAttempts ?? MAX_ATTEMPTS),
      },
      () => {},
    );
    if (!("error" in settled)) return;
    const { failure, message } = settled.error;
    throw new AnywireError("function_failed", `${failure}: ${message}`);
  }
}

/** The function to run on what an entry says; undefined when it is not for it. */
function boundTo(
  { name, held: { table }, asked }: Running,
  entry: LogEntry,
  { trigger, channel, kind }: Happening,
): BoundFunction | undefined {
  const isBefore = entry.offset <= (table.deployment.since[name] ?? 0);
  if (isBefore && !asked.has(entry.offset)) return undefined;
  return table.after(name, trigger, channel, kind);
}

/** What somebody asks for is run also where the function began anew behind it. */
async function replayAsked(
  consumer: Consumer,
  asked: Set<number>,
  offset: number,
): Promise<boolean> {
  let isKept = false;
  asked.add(offset);
  try {
    isKept = !(await consumer.replay(offset));
    return !isKept;
  } finally {
    // One that is kept may be asked for by somebody else already.
    if (!isKept) asked.delete(offset);
  }
}

function meaningOf(attempt: number, maxAttempts: number): FailureMeaning {
  if (attempt < maxAttempts) {
    const text = `attempt ${attempt} of ${maxAttempts} failed, and is made again`;
    return { level: "warn", text };
  }
  return { level: "error", text: `given up after ${counted(attempt, "attempt")}` };
}
