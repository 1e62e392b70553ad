import type { LogEntry } from "@anywire/core";
import { AnywireError } from "@anywire/types";
import pLimit from "p-limit";
import type { InboundEvent } from "../../contract/inbound-event.ts";
import { ConversationLanes, Hold } from "./conversation-lanes.ts";

/** Requests of one connection that are read and not done yet; one whose body is not in the log counts as all of them. */
const MAX_OPEN = 64;
/** Requests that wait to be read, characters. */
const MAX_WAITING_LENGTH = 8 * 1024 * 1024;
/** Requests that are begun with, or done, before their turn. */
const MAX_AHEAD = 10_000;
/** Events of one connection that are handled at the same time. */
const CONCURRENCY = 32;

/** What a request of a network's says. */
export interface ReadRequest {
  readonly events: readonly InboundEvent[];
  /** What of it can't be read. */
  readonly failures: readonly Failure[];
  /** Handles one of its events; gives what went wrong. Never rejects. */
  handle(event: InboundEvent): Promise<Failure | undefined>;
}

/** Something that went wrong. */
export interface Failure {
  readonly error: AnywireError;
  /** Whether trying it again may help. */
  readonly isMendable: boolean;
}

/** What reads a request for an attempt at it. Never rejects. */
export type ReadWebhook = (entry: LogEntry, attempt: number) => Promise<ReadRequest>;

interface Request {
  readonly entry: LogEntry;
  readonly attempt: number;
  /** Whether all before it are done. */
  readonly isDue: boolean;
  readonly size: number;
  resolve(handled: Handled): void;
}

interface Handled {
  readonly failures: readonly Failure[];
  /** Whether nothing of it needs to be tried again. */
  readonly isOver: boolean;
}

const NOT_BEGUN: Handled = { failures: [], isOver: false };

/**
 * What came in through one connection. Each request is answered for in its turn, in the order of the log; what it says is handled
 * as soon as nothing before it is about the same conversation, so that nobody waits for the slow messages of others.
 */
export class WebhookQueue {
  readonly #read: ReadWebhook;
  readonly #lanes = new ConversationLanes();
  readonly #limit = pLimit(CONCURRENCY);
  /** Requests to be read, in their order. */
  readonly #waiting: Request[] = [];
  /** What was begun before its turn, by offset. */
  readonly #ahead = new Map<number, Promise<Handled>>();
  readonly #running = new Set<Promise<unknown>>();
  #waitingLength = 0;
  #open = 0;
  #isReading = false;
  #isClosed = false;

  constructor(read: ReadWebhook) {
    this.#read = read;
  }

  /** Whether there is nothing in it. */
  get isEmpty(): boolean {
    return this.#ahead.size + this.#running.size === 0 && this.#lanes.isEmpty;
  }

  /** Begins with a request before its turn; false when there is no room for it. */
  foresee(entry: LogEntry): boolean {
    if (this.#ahead.has(entry.offset)) return true;
    if (this.#ahead.size >= MAX_AHEAD || this.#waitingLength >= MAX_WAITING_LENGTH) return false;
    this.#ahead.set(entry.offset, this.#begin(entry, 1, false));
    return true;
  }

  /** Resolves with what went wrong once a request whose turn it is was handled. */
  async take(entry: LogEntry, attempt: number): Promise<readonly Failure[]> {
    const ahead = this.#ahead.get(entry.offset);
    this.#ahead.delete(entry.offset);
    // Those before it are left where another node has handled them.
    for (const offset of this.#ahead.keys()) {
      if (offset > entry.offset) break;
      this.#ahead.delete(offset);
    }
    // What failed early fails for certain only now that all before it is done.
    const early = ahead && (await ahead);
    if (early?.isOver === true) return early.failures;
    // At once, where nothing was begun: what comes after it may be foreseen next.
    const { failures, isOver } = await this.#begin(entry, attempt, true);
    const isTold = isOver || failures.some(({ isMendable }) => isMendable);
    return isTold ? failures : [...failures, closing()];
  }

  /** A request is handled, or given up: what it held back may go on. */
  passed(offset: number): void {
    this.#lanes.release(offset);
  }

  /** Begins with nothing more; resolves when nothing runs. */
  async close(): Promise<void> {
    this.#isClosed = true;
    for (const { resolve } of this.#waiting.splice(0)) resolve(NOT_BEGUN);
    await Promise.all(this.#running);
  }

  #begin(entry: LogEntry, attempt: number, isDue: boolean): Promise<Handled> {
    if (this.#isClosed) return Promise.resolve(NOT_BEGUN);
    return new Promise((resolve) => {
      const size = hasLargeBody(entry) ? MAX_OPEN : 1;
      const request = { entry, attempt, isDue, size, resolve };
      this.#waitingLength += entry.dataJson.length;
      if (isDue) this.#waiting.unshift(request);
      else this.#waiting.push(request);
      if (!this.#isReading) this.#track(this.#readOn());
    });
  }

  /** One after the other, so that they enter the lanes in their order. */
  async #readOn(): Promise<void> {
    this.#isReading = true;
    for (let request = this.#next(); request !== undefined; request = this.#next()) {
      this.#open += request.size;
      const { entry, attempt } = request;
      const read = await this.#read(entry, attempt);
      this.#track(this.#handle(request, read));
    }
    this.#isReading = false;
  }

  #next(): Request | undefined {
    const [first] = this.#waiting;
    if (first === undefined) return undefined;
    const hasRoom = this.#open === 0 || this.#open + first.size <= MAX_OPEN;
    if (!(first.isDue || hasRoom)) return undefined;
    this.#waitingLength -= first.entry.dataJson.length;
    return this.#waiting.shift();
  }

  async #handle({ entry, isDue, size, resolve }: Request, read: ReadRequest): Promise<void> {
    if (isDue) this.#lanes.release(entry.offset);
    const hold = new Hold(entry.offset);
    const failures: Failure[] = [];
    let isOver = true;
    const fail = (failure: Failure): void => {
      failures.push(failure);
      if (failure.isMendable) isOver = false;
    };
    for (const failure of read.failures) fail(failure);
    if (!isOver) this.#lanes.holdAll(hold);
    const handle = async (event: InboundEvent): Promise<boolean> => {
      if (this.#isClosed) {
        isOver = false;
        return false;
      }
      const failure = await read.handle(event);
      if (failure !== undefined) fail(failure);
      return failure?.isMendable !== true;
    };
    const entered = read.events.map((event) =>
      this.#lanes.enter(event, hold, () => this.#limit(handle, event)),
    );
    for (const isRun of await Promise.all(entered)) if (!isRun) isOver = false;
    this.#open -= size;
    resolve({ failures, isOver });
    if (!this.#isReading) this.#track(this.#readOn());
  }

  #track(work: Promise<unknown>): void {
    this.#running.add(work);
    void work.finally(() => this.#running.delete(work));
  }
}

function hasLargeBody({ dataJson }: LogEntry): boolean {
  // Within a text quotes are escaped, so that nobody outside can write this.
  return dataJson.includes('"body":{"blob":');
}

function closing(): Failure {
  return {
    error: new AnywireError("unavailable", "the server is being shut down"),
    isMendable: true,
  };
}
