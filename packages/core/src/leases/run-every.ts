import { AnywireError, toAnywireError } from "@anywire/types";
import type { KeyValueStore } from "../ports/key-value-store.ts";
import type { Schedule } from "./schedule.ts";

/** What to run when. */
export interface IntervalOptions {
  /** Nodes that name the same share one work, and must name the same schedule for it. */
  readonly name: string;
  /** When the ticks are. */
  readonly schedule: Schedule;
  /** Told what `work` threw and, once a tick, of a failure to reach the store. */
  readonly onError: (error: AnywireError) => void;
  /** The clock, milliseconds since the Unix epoch. Default `Date.now`. */
  readonly now?: () => number;
}

/** A node's part in work on a schedule. */
export interface IntervalWork {
  /** Claims nothing more, and waits for the work under way. A second call is a no-op. */
  close(): Promise<void>;
}

/** What is run at a tick, with the time for which it was scheduled, which names the tick. */
export type TickWork = (scheduledAt: number) => Promise<void>;

/** How long a claim is remembered at least, ms. */
const LEAST_MEMORY_MS = 60_000;
/** The longest that a store remembers anything, ms. */
const MOST_MEMORY_MS = 31_536_000_000;
/** The clock is looked at so often, so that one that is set is noticed, ms. */
const LOOK_MS = 60_000;
/** How long to wait before a store that failed is asked again, ms. */
const RETRY_MS = 1_000;

/**
 * Runs `work` once per tick of a schedule in the whole cluster: the node that claims a tick first runs it. A tick while no
 * node ran is left out, and so is one whose node died at it or was still at the one before with no other node there. A
 * claim is remembered until two ticks later, a minute at least: by so much the nodes' clocks may differ, or be set back,
 * without a tick being run twice.
 */
export function runEvery(
  kv: KeyValueStore,
  options: IntervalOptions,
  work: TickWork,
): IntervalWork {
  const interval = new Interval(kv, options, work);
  interval.start();
  return interval;
}

class Interval implements IntervalWork {
  readonly #kv: KeyValueStore;
  readonly #options: IntervalOptions;
  readonly #schedule: Schedule;
  readonly #work: TickWork;
  readonly #now: () => number;
  #isClosed = false;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #wake: () => void = () => {};
  #running: Promise<void> = Promise.resolve();

  constructor(kv: KeyValueStore, options: IntervalOptions, work: TickWork) {
    this.#kv = kv;
    this.#options = options;
    this.#schedule = options.schedule;
    this.#work = work;
    this.#now = options.now ?? Date.now;
  }

  /** Waits for the next tick; the one that is under way began before this node did. */
  start(): void {
    if (this.#isClosed) return;
    const now = this.#now();
    const nextAt = this.#schedule.next(now) ?? Number.POSITIVE_INFINITY;
    this.#timer = setTimeout(
      () => {
        this.#running = this.#look(nextAt).then(() => this.start());
      },
      Math.min(nextAt - now, LOOK_MS),
    );
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    clearTimeout(this.#timer);
    this.#wake();
    await this.#running;
  }

  /** Runs the tick that is due, when this node has waited for it or for an earlier one. */
  async #look(awaited: number): Promise<void> {
    let tick = this.#due(awaited);
    let isOurs: boolean | undefined;
    while (tick !== null && !this.#isClosed) {
      isOurs = await this.#claim(tick);
      if (isOurs !== undefined) break;
      tick = this.#due(awaited);
    }
    if (isOurs !== true || tick === null) return;
    try {
      await this.#work(tick);
    } catch (error) {
      this.#options.onError(toAnywireError(error));
    }
  }

  /** The tick that is under way, unless it is too early: the timer was, or the clock was set back. */
  #due(awaited: number): number | null {
    const now = this.#now();
    if (now < awaited) return null;
    if (this.#isUnderWay(awaited)) return awaited;
    // It was passed over, as when the clock was set forward, maybe by years: only the last minute is looked through.
    let tick: number | null = null;
    let next = this.#schedule.next(now - LOOK_MS);
    while (next !== null && next <= now) {
      tick = next;
      next = this.#schedule.next(next);
    }
    return tick;
  }

  #isUnderWay(tick: number): boolean {
    const now = this.#now();
    const next = this.#schedule.next(tick);
    return tick <= now && (next === null || now < next);
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
      const untilNext = (this.#schedule.next(tick) ?? Number.POSITIVE_INFINITY) - this.#now();
      await this.#pause(Math.min(RETRY_MS, untilNext));
      if (this.#isClosed || !this.#isUnderWay(tick)) return undefined;
    }
  }

  async #tryClaim(tick: number, claim: string): Promise<boolean> {
    const key = `interval.${this.#options.name}.${tick}`;
    const kept = await this.#kv.get(key);
    // A claim whose answer was lost is ours all the same.
    if (kept !== undefined) return kept.value === claim;
    await this.#kv.set(key, claim, { revision: 0, ttlMs: this.#memoryMs(tick) });
    return true;
  }

  /** How long the claim of a tick is remembered. */
  #memoryMs(tick: number): number {
    const next = this.#schedule.next(tick);
    const afterNext = next === null ? null : this.#schedule.next(next);
    const untilThen = (afterNext ?? Number.POSITIVE_INFINITY) - tick;
    return Math.min(Math.max(untilThen, LEAST_MEMORY_MS), MOST_MEMORY_MS);
  }

  #pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
      this.#timer = setTimeout(resolve, ms);
    });
  }
}
