import { AnywireError } from "@anywire/types";
import { Age } from "./age.ts";
import type { DynamodbTable } from "./dynamodb-table.ts";
import { readMeta } from "./meta-rows.ts";
import { isAfter, type StatePosition } from "./position-row.ts";

interface Waiter {
  readonly target: number;
  readonly deadline: number;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/** A wait for an entry begins with a short pause: the projector may be done by then. */
const FIRST_PAUSE_MS = 10;
/** News come by the bus; this is for those that do not. */
const LONGEST_PAUSE_MS = 250;

/** What a node knows of the position: by the news of projectors, and by asking. */
export class KnownPosition {
  readonly #table: DynamodbTable;
  readonly #maxAgeMs: number;
  readonly #maxWaitMs: number;
  readonly #waiters = new Set<Waiter>();
  #known: StatePosition = { generation: 0, position: 0 };
  #learned: Age | null = null;
  #isPolling = false;
  #refreshing: Promise<unknown> = Promise.resolve();
  #nextRefresh: Promise<StatePosition> | null = null;

  constructor(table: DynamodbTable, maxAgeMs: number, maxWaitMs: number) {
    this.#table = table;
    this.#maxAgeMs = maxAgeMs;
    this.#maxWaitMs = maxWaitMs;
  }

  /** The latest that is known; not asked for. */
  get latest(): StatePosition {
    return this.#known;
  }

  /** Takes news. */
  learn(news: StatePosition): void {
    if (isAfter(this.#known, news)) return;
    this.#known = { generation: news.generation, position: news.position };
    this.#learned = new Age();
    for (const waiter of this.#waiters) {
      if (this.#known.position < waiter.target) continue;
      this.#waiters.delete(waiter);
      waiter.resolve();
    }
  }

  /** What is known may be old. */
  doubt(): void {
    this.#learned = null;
  }

  /** Asks for the position. Those who ask while an answer is on its way share the next one. */
  refresh(): Promise<StatePosition> {
    this.#nextRefresh ??= this.#refreshing.then(() => {
      const refresh = this.#ask();
      this.#nextRefresh = null;
      this.#refreshing = refresh.catch(() => {});
      return refresh;
    });
    return this.#nextRefresh;
  }

  /**
   * A position that has reached an offset.
   * @throws {AnywireError} `unavailable` when the state does not come that far in time
   */
  async reach(target: number): Promise<StatePosition> {
    if (this.#known.position < target) await this.#wait(target);
    const isRecent = this.#learned !== null && this.#learned.ms <= this.#maxAgeMs;
    return isRecent ? this.#known : await this.refresh();
  }

  /** Nobody waits any longer. */
  close(): void {
    this.#settle(Number.POSITIVE_INFINITY);
  }

  async #ask(): Promise<StatePosition> {
    const { generation, position } = await readMeta(this.#table);
    this.learn({ generation, position });
    return this.#known;
  }

  #wait(target: number): Promise<void> {
    return new Promise((resolve, reject) => {
      const deadline = performance.now() + this.#maxWaitMs;
      this.#waiters.add({ target, deadline, resolve, reject });
      if (!this.#isPolling) void this.#poll();
    });
  }

  async #poll(): Promise<void> {
    this.#isPolling = true;
    for (let pauseMs = FIRST_PAUSE_MS; this.#waiters.size > 0; pauseMs *= 2) {
      await new Promise((resolve) => setTimeout(resolve, Math.min(pauseMs, LONGEST_PAUSE_MS)));
      if (this.#waiters.size === 0) break;
      // What cannot be asked now is asked for again; those who wait hear of it at their deadline.
      const failure = await this.refresh().then(
        () => undefined,
        (error: unknown) => error,
      );
      this.#settle(performance.now(), failure);
    }
    this.#isPolling = false;
  }

  #settle(now: number, failure?: unknown): void {
    for (const waiter of this.#waiters) {
      if (waiter.deadline > now) continue;
      this.#waiters.delete(waiter);
      waiter.reject(failure ?? behind(waiter.target, this.#known.position));
    }
  }
}

function behind(target: number, position: number): AnywireError {
  return new AnywireError(
    "unavailable",
    `the state is at entry ${position} and does not come to ${target}: is a process with the role projector running? Try again later`,
  );
}
