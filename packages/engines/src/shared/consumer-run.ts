import type { EntryHandler, LogEntry } from "@anywire/core";
import { AnywireError } from "@anywire/types";
import { ConsumerFeed } from "./consumer-feed.ts";
import { CATCH_UP_ENTRIES, Lane } from "./consumer-lane.ts";
import { ConsumerProgress } from "./consumer-progress.ts";
import type { ConsumerSaves } from "./consumer-saves.ts";
import type { ConsumerSettings } from "./consumer-settings.ts";
import type { ConsumerSource } from "./consumer-source.ts";
import type { ConsumerState, ConsumerStore, ParkedChannel } from "./consumer-store.ts";
import type { ConsumerTail } from "./consumer-tail.ts";
import { DeadLetters } from "./dead-letters.ts";

/** Entries kept in memory, over all channels and for one. */
const WINDOW_ENTRIES = 4_096;
const LANE_ENTRIES = 256;
const READ_AGAIN_MS = 1_000;
const MAX_ERROR_LENGTH = 1_000;

/** What a consumer does, whoever holds its lease. */
export interface ConsumerWork {
  readonly source: ConsumerSource;
  readonly tail: ConsumerTail;
  readonly store: ConsumerStore;
  readonly saves: ConsumerSaves;
  readonly settings: ConsumerSettings;
  readonly handle: EntryHandler;
}

/** The lease under which a run works. */
export interface Term {
  readonly holder: string;
  /** Whether no other node can be working now. */
  isHeld(): boolean;
  /** Called when another node turns out to have taken over. */
  lose(): void;
}

/**
 * One node's work on a consumer, from taking the lease to giving it up. The feed brings entries into
 * lanes, one lane a channel; up to `concurrency` lanes are worked at once. A lane whose entry fails, or
 * that falls far behind, is parked: its entries leave memory, the others go on, and it is worked off from
 * the log until it has caught up with the feed.
 */
export class ConsumerRun {
  readonly #source: ConsumerSource;
  readonly #store: ConsumerStore;
  readonly #settings: ConsumerSettings;
  readonly #handle: EntryHandler;
  readonly #term: Term;
  readonly #lanes = new Map<string, Lane>();
  /** Lanes with work that nobody does yet, longest waiting first. */
  readonly #ready = new Set<Lane>();
  /** Offsets of the entries in all queues, in the order of the log. */
  readonly #undone = new Set<number>();
  readonly #feed: ConsumerFeed;
  readonly #progress: ConsumerProgress;
  readonly #deadLetters: DeadLetters;
  #running = 0;
  #isStopped = false;
  #isAbandoned = false;
  #isPumpQueued = false;
  #onIdle: () => void = () => {};

  constructor(work: ConsumerWork, term: Term, state: ConsumerState) {
    this.#source = work.source;
    this.#store = work.store;
    this.#settings = work.settings;
    this.#handle = work.handle;
    this.#term = term;
    this.#feed = this.#createFeed(work.tail, state.position);
    this.#progress = this.#createProgress(work.saves, state.position);
    this.#deadLetters = new DeadLetters(work.settings.name, work.store, this.#progress);
    for (const channel of state.parked) this.#resumeParked(channel);
  }

  /** Whether handlers are running, also after `abandon`. */
  get isBusy(): boolean {
    return this.#running > 0;
  }

  /** Starts to work. */
  start(): void {
    this.#feed.start();
  }

  /** Goes on with what waited while the lease was renewed late. */
  resume(): void {
    this.#pumpSoon();
  }

  /** Resolves when no handler is running; only one may wait. */
  async idle(): Promise<void> {
    if (this.#running > 0) await new Promise<void>((resolve) => (this.#onIdle = resolve));
  }

  /** Every matching entry up to here is done, or its channel is parked. */
  position(): number {
    for (const offset of this.#undone) return offset - 1;
    return this.#feed.cursor;
  }

  /** How many entries were taken and are not done; a channel that goes on later counts as one. */
  get lag(): number {
    let lag = this.#undone.size;
    for (const { parking } of this.#lanes.values()) if (parking !== null) lag += 1;
    return lag;
  }

  /** Resolves when everything done so far is stored. */
  flush(): Promise<void> {
    return this.#progress.flush();
  }

  /** Handles a dead letter again, between two entries of its channel. */
  async replay(offset: number): Promise<boolean> {
    const { entry } = await this.#deadLetters.find(offset);
    return await new Promise<boolean>((resolve, reject) => {
      const lane = this.#lane(entry.channel);
      const cancel = (): void => reject(lostLease(this.#settings.name));
      if (this.#isStopped) return cancel();
      const replay = (): Promise<boolean> =>
        this.#deadLetters.replay(offset, (one, attempt) => this.#failureOf(one, attempt));
      lane.jobs.push({ run: () => replay().then(resolve, reject), cancel });
      this.#schedule(lane);
    });
  }

  /** Lets running handlers finish and stores where they got. */
  async close(): Promise<void> {
    this.#stop();
    await this.idle();
    try {
      await this.#progress.flush();
    } finally {
      this.#progress.end();
    }
  }

  /** Stops without storing anything: the lease is another node's. */
  abandon(): void {
    this.#isAbandoned = true;
    this.#stop();
    this.#progress.end();
    for (const lane of this.#lanes.values()) for (const job of lane.jobs) job.cancel();
  }

  #createFeed(tail: ConsumerTail, cursor: number): ConsumerFeed {
    return new ConsumerFeed(this.#source, tail, this.#settings.pattern, cursor, {
      take: (entry) => this.#take(entry),
      taken: () => this.#pumpSoon(),
      hasRoom: () => this.#undone.size < WINDOW_ENTRIES,
    });
  }

  #createProgress(saves: ConsumerSaves, position: number): ConsumerProgress {
    return new ConsumerProgress(
      this.#store,
      saves,
      { name: this.#settings.name, holder: this.#term.holder, position },
      () => ({
        position: this.position(),
        parkedChannel: (channel) => this.#lanes.get(channel)?.toParkedChannel() ?? null,
      }),
      () => {
        // A late answer to a run of a lost lease says nothing about the one that came after it.
        if (!this.#isAbandoned) this.#term.lose();
      },
    );
  }

  #stop(): void {
    this.#isStopped = true;
    this.#feed.stop();
    for (const lane of this.#lanes.values()) clearTimeout(lane.parking?.timer);
  }

  #lane(channel: string): Lane {
    let lane = this.#lanes.get(channel);
    if (lane === undefined) {
      lane = new Lane(channel);
      this.#lanes.set(channel, lane);
    }
    return lane;
  }

  #take(entry: LogEntry): void {
    const lane = this.#lane(entry.channel);
    if (lane.parking !== null) this.#pass(lane, entry);
    else if (lane.queue.length >= LANE_ENTRIES) {
      this.#park(lane, { from: entry.offset, attempts: 0, waitMs: 0, passedTo: entry.offset });
      this.#progress.moved(lane.channel);
    } else {
      lane.queue.push(entry);
      this.#undone.add(entry.offset);
      // Where nothing waits, all before it is done.
      if (lane.queue.length === 1 && !lane.isBusy) lane.foreseenTo = entry.previousOffset;
      lane.foresee([entry], this.#settings.foresee);
      if (!lane.isBusy) this.#ready.add(lane);
    }
  }

  /** The lane reads this entry from the log later. Entries before `from` it has done already. */
  #pass(lane: Lane, entry: LogEntry): void {
    const { parking } = lane;
    if (parking === null || entry.offset < parking.from) return;
    parking.passedTo = entry.offset;
    lane.foresee([entry], this.#settings.foresee);
    if (parking.timer !== undefined) return;
    parking.isDue = true;
    if (!lane.isBusy) this.#ready.add(lane);
  }

  #park(
    lane: Lane,
    stay: { from: number; attempts: number; waitMs: number; passedTo: number },
  ): void {
    const { from, attempts, waitMs, passedTo } = stay;
    const dueAt = Date.now() + waitMs;
    const isDue = waitMs <= 0;
    clearTimeout(lane.parking?.timer);
    lane.parking = { from, attempts, dueAt, passedTo, isDue, timer: undefined };
    if (!isDue) this.#wait(lane, lane.parking, waitMs);
  }

  #wait(lane: Lane, parking: NonNullable<Lane["parking"]>, waitMs: number): void {
    parking.isDue = false;
    if (this.#isStopped) return;
    parking.timer = setTimeout(() => {
      parking.timer = undefined;
      parking.isDue = true;
      this.#schedule(lane);
    }, waitMs);
  }

  #resumeParked({ channel, from, attempts, dueAt }: ParkedChannel): void {
    // A clock that was set back must not hold a channel for longer than the longest wait.
    const waitMs = Math.min(dueAt - Date.now(), this.#settings.maxBackoffMs);
    const lane = this.#lane(channel);
    this.#park(lane, { from, attempts, waitMs, passedTo: 0 });
    if (lane.hasWork) this.#schedule(lane);
  }

  #schedule(lane: Lane): void {
    if (!lane.isBusy) this.#ready.add(lane);
    this.#pumpSoon();
  }

  /** Handlers run after the code that delivered their entry, never inside it. */
  #pumpSoon(): void {
    if (this.#isPumpQueued) return;
    this.#isPumpQueued = true;
    queueMicrotask(() => {
      this.#isPumpQueued = false;
      this.#pump();
    });
  }

  #pump(): void {
    for (const lane of this.#ready) {
      if (this.#running >= this.#settings.concurrency || !this.#mayWork()) return;
      this.#ready.delete(lane);
      this.#running += 1;
      lane.isBusy = true;
      void this.#work(lane);
    }
  }

  #mayWork(): boolean {
    return !this.#isStopped && this.#term.isHeld();
  }

  async #work(lane: Lane): Promise<void> {
    try {
      await this.#step(lane);
    } catch {
      // Only reading the log can fail here; the lane's entries are still there to be read.
      if (lane.parking !== null) this.#wait(lane, lane.parking, READ_AGAIN_MS);
    }
    this.#running -= 1;
    lane.isBusy = false;
    if (lane.hasWork) this.#ready.add(lane);
    else if (lane.parking === null) this.#lanes.delete(lane.channel);
    if (this.#running === 0) this.#onIdle();
    if (this.#undone.size <= WINDOW_ENTRIES / 2) this.#feed.resume();
    this.#pump();
  }

  async #step(lane: Lane): Promise<void> {
    const job = lane.jobs.shift();
    if (job !== undefined) return await job.run();
    const entry = lane.queue[0];
    if (entry !== undefined) return await this.#workQueued(lane, entry);
    await this.#workParked(lane);
  }

  async #workQueued(lane: Lane, entry: LogEntry): Promise<void> {
    const isDone = await this.#attempt(lane, entry, 1);
    if (!isDone) return;
    lane.queue.shift();
    this.#undone.delete(entry.offset);
    lane.foresee(lane.queue, this.#settings.foresee);
    this.#progress.moved(lane.parking === null ? undefined : lane.channel);
  }

  async #workParked(lane: Lane): Promise<void> {
    const { parking } = lane;
    const { foresee } = this.#settings;
    if (parking === null) return;
    const page = await this.#source.read({
      pattern: lane.channel,
      after: parking.from - 1,
      // Up to where the feed is, so that the lane can join it there.
      before: Math.max(this.#feed.cursor, parking.from) + 1,
      limit: CATCH_UP_ENTRIES,
      order: "asc",
    });
    for (const entry of page.entries) {
      if (!this.#mayWork()) return;
      const failed = entry.offset === parking.from ? parking.attempts : 0;
      const attempting = this.#attempt(lane, entry, failed + 1);
      // Behind the one that is handed over.
      lane.foresee(page.entries, foresee);
      if (!(await attempting)) {
        // It may be stuck for long. That nothing more is foreseen, where that fails, delays others and loses nothing.
        return await lane.foreseeTo(this.#feed.cursor, this.#source, foresee).catch(() => {});
      }
      parking.from = entry.offset + 1;
      parking.attempts = 0;
      this.#progress.moved(lane.channel);
    }
    if (!page.hasMore && parking.passedTo < parking.from) this.#rejoin(lane);
  }

  /** The lane has done all that the feed brought. */
  #rejoin(lane: Lane): void {
    if (lane.parking === null) return;
    if (this.#feed.cursor >= lane.parking.from - 1) {
      lane.parking = null;
      this.#progress.moved(lane.channel);
    } else {
      // After a restart a lane can be ahead of the feed: it idles until the feed brings it something.
      lane.parking.isDue = false;
    }
  }

  /** Tries an entry. True when the lane is done with it, handled or given up. */
  async #attempt(lane: Lane, entry: LogEntry, attempt: number): Promise<boolean> {
    lane.foreseenTo = Math.max(lane.foreseenTo, entry.offset);
    const error = await this.#failureOf(entry, attempt);
    if (this.#isAbandoned) return false;
    if (error === null) return true;
    // It may have failed for that alone: whoever goes on here makes this attempt anew.
    if (this.#isStopped) return false;
    if (attempt >= this.#settings.maxAttempts) {
      this.#progress.gaveUp({ offset: entry.offset, attempts: attempt, error, at: Date.now() });
      return true;
    }
    this.#retryLater(lane, entry, attempt);
    return false;
  }

  /** The message of what the handler threw; null when it resolved. */
  async #failureOf(entry: LogEntry, attempt: number): Promise<string | null> {
    try {
      await this.#handle(entry, attempt);
      return null;
    } catch (thrown) {
      const message = thrown instanceof Error ? thrown.message : String(thrown);
      return message.slice(0, MAX_ERROR_LENGTH);
    }
  }

  #retryLater(lane: Lane, entry: LogEntry, attempts: number): void {
    const { minBackoffMs, maxBackoffMs } = this.#settings;
    const waitMs = Math.min(minBackoffMs * 2 ** (attempts - 1), maxBackoffMs);
    const passedTo = Math.max(lane.parking?.passedTo ?? 0, lane.queue.at(-1)?.offset ?? 0);
    for (const { offset } of lane.queue) this.#undone.delete(offset);
    lane.queue.length = 0;
    this.#park(lane, { from: entry.offset, attempts, waitMs, passedTo });
    this.#progress.failed(lane.channel);
  }
}

function lostLease(name: string): AnywireError {
  return new AnywireError("unavailable", `another node took over the consumer ${name}`);
}
