import { AnywireError, toAnywireError } from "@anywire/types";
import type { KeyValueStore } from "../ports/key-value-store.ts";

/** What to run how often. */
export interface IntervalOptions {
  /** Nodes that name the same share one interval work. */
  readonly name: string;
  /** From the beginning of one tick to that of the next, ms. */
  readonly intervalMs: number;
  /** Told what `work` threw and, once a tick, of a failure to reach the store. */
  readonly onError: (error: AnywireError) => void;
  /** The clock, milliseconds since the Unix epoch. Default `Date.now`. */
  readonly now?: () => number;
}

/** A node's part in interval work. */
export interface IntervalWork {
  /** Claims nothing more, and waits for the work under way. A second call is a no-op. */
  close(): Promise<void>;
}

/** How long a claim is remembered at least, ms. */
const LEAST_MEMORY_MS = 60_000;
/** The longest that a store remembers anything, ms. */
const MOST_MEMORY_MS = 31_536_000_000;
/** The clock is looked at so often, so that one that is set is noticed, ms. */
const LOOK_MS = 60_000;
/** How long to wait before a store that failed is asked again, ms. */
const RETRY_MS = 1_000;

/**
 * Runs `work` once per tick in the whole cluster. Ticks are counted from the Unix epoch, so that all nodes agree on
 * them; the node that claims one first runs it. A tick while no node ran is left out, and so is one whose node died at
 * it or was still at the one before with no other node there. A claim is remembered for two ticks, a minute at least:
 * by so much the nodes' clocks may differ, or be set back, without a tick being run twice.
 */
export function runEvery(
  kv: KeyValueStore,
  options: IntervalOptions,
  work: (tick: number) => Promise<void>,
): IntervalWork {
  const interval = new Interval(kv, options, work);
  interval.start();
  return interval;
}

class Interval implements IntervalWork {
  readonly #kv: KeyValueStore;
  readonly #options: IntervalOptions;
  readonly #work: (tick: number) => Promise<void>;
  readonly #now: () => number;
  #isClosed = false;
  #nextTick = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #wake: () => void = () => {};
  #running: Promise<void> = Promise.resolve();

  constructor(kv: KeyValueStore, options: IntervalOptions, work: (tick: number) => Promise<void>) {
    this.#kv = kv;
    this.#options = options;
    this.#work = work;
    this.#now = options.now ?? Date.now;
  }

  /** Waits for the next tick; the one that is under way began before this node did. */
  start(): void {
    if (this.#isClosed) return;
    this.#nextTick = this.#tick() + 1;
    const untilNext = this.#nextTick * this.#options.intervalMs - this.#now();
    this.#timer = setTimeout(
      () => {
        this.#running = this.#look().then(() => this.start());
      },
      Math.min(untilNext, LOOK_MS),
    );
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    clearTimeout(this.#timer);
    this.#wake();
    await this.#running;
  }

  #tick(): number {
    return Math.floor(this.#now() / this.#options.intervalMs);
  }

  async #look(): Promise<void> {
    let tick = this.#tick();
    // Too early: the timer was, or the clock was set back.
    if (tick < this.#nextTick) return;
    let isOurs = await this.#claim(tick);
    while (isOurs === undefined && !this.#isClosed) {
      tick = this.#tick();
      isOurs = await this.#claim(tick);
    }
    if (isOurs !== true) return;
    try {
      await this.#work(tick);
    } catch (error) {
      this.#options.onError(toAnywireError(error));
    }
  }

  /** Whether this node is the one to run a tick; undefined when the store failed until the tick was over. */
  async #claim(tick: number): Promise<boolean | undefined> {
    // Another one each time: a claim of this node from before its clock was set back is not this one.
    const claim = crypto.randomUUID();
    for (let hasFailed = false; ; ) {
      try {
        return await this.#tryClaim(tick, claim);
      } catch (error) {
        if (error instanceof AnywireError && error.code === "conflict") continue;
        if (!hasFailed) this.#options.onError(toAnywireError(error));
        hasFailed = true;
      }
      await this.#pause(Math.min(RETRY_MS, this.#options.intervalMs));
      if (this.#isClosed || this.#tick() !== tick) return undefined;
    }
  }

  async #tryClaim(tick: number, claim: string): Promise<boolean> {
    const { name, intervalMs } = this.#options;
    const key = `interval.${name}.${tick}`;
    const kept = await this.#kv.get(key);
    // A claim whose answer was lost is ours all the same.
    if (kept !== undefined) return kept.value === claim;
    const ttlMs = Math.min(Math.max(2 * intervalMs, LEAST_MEMORY_MS), MOST_MEMORY_MS);
    await this.#kv.set(key, claim, { revision: 0, ttlMs });
    return true;
  }

  #pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
      this.#timer = setTimeout(resolve, ms);
    });
  }
}
