import { setTimeout as pause } from "node:timers/promises";
import type { Appended, EntryDraft, LogEntry } from "@anywire/core";
import { AnywireError } from "@anywire/types";
import { type EntryTime, nextEntryTime } from "../shared/channel-clock.ts";
import { createLogEntry } from "../shared/log-entry.ts";
import type { EntryReader } from "./entry-reader.ts";
import { BEGINNING, earliestOf, KnownIds } from "./known-ids.ts";
import { noAnswer, toNatsError } from "./nats-faults.ts";
import type { NatsRequests } from "./nats-requests.ts";
import { encodeEntryHeader, timeOf } from "./stored-entry.ts";
import {
  expectLast,
  type Outgoing,
  type Published,
  type StreamPublisher,
} from "./stream-publisher.ts";
import type { PageStart } from "./stream-reader.ts";

/** Entries, and characters of data, published together. */
const MAX_BATCH = 500;
const MAX_BATCH_LENGTH = 1024 * 1024;
const PAGE_ENTRIES = 1_000;
/** How long to wait when another node is at the channel, ms; each time differently, so that two don't stay in step. */
const MAX_WAIT_MS = 8;
const AGAIN_MS = 50;
/** Refusals in a row that nothing in the log explains, after which the writer believes nothing that it knows. */
const MAX_RIDDLES = 5;
/** Losses in a row to other nodes after which they are asked to let this one go first. */
const MAX_LOSSES = 3;
/** How long a node that is asked so holds back, ms: another then has time to look and to publish. */
const HOLD_BACK_MS = 25;
/** How much further back than asked for ids are read, ms: the next id may be a little older. */
const READ_BACK_SLACK_MS = 3_600_000;

/** What the writers of a node share. */
export interface WriterParts {
  readonly publisher: StreamPublisher;
  readonly reader: EntryReader;
  readonly requests: NatsRequests;
  /** Begins the subject of each channel. */
  readonly subjects: string;
  readonly now: () => number;
  /** The largest message that the server takes, bytes. */
  maxBytes(): number;
  /** How long an append is tried again before it is given up, ms. */
  readonly giveUpMs: number;
  /** Asks the other nodes to let this one append to a channel. */
  askForTurn(channel: string): void;
  /** Resolves once the tails of this node have an entry; undefined when they have it or do not follow its channel. */
  delivered(channel: string, offset: number): Promise<void> | undefined;
}

interface Append {
  readonly draft: EntryDraft;
  readonly giveUpAt: number;
  resolve(appended: Appended | Promise<Appended>): void;
  reject(error: unknown): void;
}

/** The channel's last entry. */
interface Last extends EntryTime {
  readonly offset: number;
}

/** What the server adds to a message. */
const ROOM_FOR_FIELDS = 512;
const NOTHING: Last = { offset: 0, at: 0, tick: 0 };

/** An append that is ready to be stored. */
interface Fresh extends Outgoing {
  readonly append: Append;
  readonly time: EntryTime;
}

/**
 * Appends to one channel. Each publish says which entry it takes for the channel's last, and the server refuses it when
 * that is no longer so: then the writer reads what others have appended, and goes on from there. So what is known here
 * decides nothing unless it is true, whoever else writes. One publish is under way at a time, what waits meanwhile goes
 * together. A publish without an answer is resolved by looking: it can be there once or not at all, never twice.
 */
export class ChannelWriter {
  readonly channel: string;
  readonly #parts: WriterParts;
  #waiting: Append[] = [];
  #last: Last | null = null;
  #ids = new KnownIds(0, BEGINNING);
  #isBusy = false;
  /** Whether it reads what was stored before. */
  #isReading = false;
  #riddles = 0;
  #losses = 0;
  /** Until when another node may go first, in the time of `performance.now`. */
  #holdBackUntil = 0;
  readonly #onLearned: () => void;

  /** @param onLearned called when it may keep more ids than before by what it has appended */
  constructor(channel: string, parts: WriterParts, onLearned: () => void) {
    this.channel = channel;
    this.#parts = parts;
    this.#onLearned = onLearned;
  }

  /** Whether appends are under way. */
  get isBusy(): boolean {
    return this.#isBusy;
  }

  /** The ids that it keeps. */
  get ids(): Pick<KnownIds, "size" | "fadedSize"> {
    return this.#ids;
  }

  append(draft: EntryDraft): Promise<Appended> {
    return new Promise((resolve, reject) => {
      const giveUpAt = performance.now() + this.#parts.giveUpMs;
      this.#waiting.push({ draft, giveUpAt, resolve, reject });
      if (!this.#isBusy) void this.#run();
    });
  }

  /** Another node can't get its turn: whoever publishes without a break is always faster than who has to look first. */
  holdBack(): void {
    this.#holdBackUntil = performance.now() + HOLD_BACK_MS;
  }

  /** Learns of an entry that another node appended, if it is the next one. */
  heard(entry: LogEntry): void {
    if (!this.#isBusy && this.#last?.offset === entry.previousOffset) {
      this.#learn(entry, timeOf(entry));
    }
  }

  /** Knows nothing any more: the log may have lost its last entries. One that is busy finds out by itself. */
  forget(): void {
    if (!this.#isBusy) this.#last = null;
  }

  /** Takes little memory from here on: where an id is that may have been stored it has to read again. */
  fade(): void {
    // What is being read is needed whole.
    if (!this.#isReading) this.#ids.fade();
  }

  async #run(): Promise<void> {
    this.#isBusy = true;
    // What is appended within one turn of the event loop goes together.
    await undefined;
    while (this.#isBusy) {
      const holdBackMs = this.#holdBackUntil - performance.now();
      if (holdBackMs > 0) await pause(holdBackMs);
      const batch = this.#takeBatch();
      try {
        await this.#store(batch);
      } catch (error) {
        await this.#tryAgain(batch, toNatsError(error), AGAIN_MS);
      }
      this.#isBusy = this.#waiting.length > 0;
      this.#onLearned();
    }
  }

  /** What goes out together: each id once, the rest stays. */
  #takeBatch(): Append[] {
    const [first] = this.#waiting;
    if (this.#waiting.length === 1 && first !== undefined) {
      this.#waiting = [];
      return [first];
    }
    const ids = new Set<string>();
    const batch: Append[] = [];
    const rest: Append[] = [];
    let length = 0;
    for (const append of this.#waiting) {
      const { id, dataJson } = append.draft;
      length += dataJson.length;
      const isFull = batch.length === MAX_BATCH || (length > MAX_BATCH_LENGTH && batch.length > 0);
      if (isFull || ids.has(id)) rest.push(append);
      else batch.push(append);
      ids.add(id);
    }
    this.#waiting = rest;
    return batch;
  }

  async #store(batch: readonly Append[]): Promise<void> {
    const earliest = earliestOfAll(batch);
    if (batch.some(({ draft }) => this.#ids.isUnsure(draft.id))) this.#last = null;
    if (this.#last === null || !this.#ids.covers(earliest)) {
      this.#isReading = true;
      try {
        await this.#cover(earliest);
      } finally {
        // In the same turn in which the ids are looked for, so that nothing fades in between.
        this.#isReading = false;
      }
    }
    const fresh: Fresh[] = [];
    for (const append of batch) {
      const offset = this.#ids.find(append.draft.id);
      if (offset !== undefined) void this.#answerStored(append, offset);
      else this.#encode(append, fresh);
    }
    if (fresh.length === 0) return;
    const published = await this.#parts.publisher.publish(fresh);
    if (published.outcome === "stored") this.#stored(fresh, published.lastSeq);
    else await this.#notStored(fresh, published);
  }

  /** Makes an append the next message; too large a one is refused. */
  #encode(append: Append, fresh: Fresh[]): void {
    const { subjects, now, maxBytes } = this.#parts;
    const last = this.#last ?? NOTHING;
    const time = nextEntryTime(fresh.at(-1)?.time ?? last, now());
    const isFirst = fresh.length === 0;
    const fields = encodeEntryHeader(append.draft, time, isFirst ? last.offset : null);
    const header = isFirst ? fields + expectLast(last.offset) : fields;
    const data = Buffer.from(append.draft.dataJson);
    const size = header.length + data.length + ROOM_FOR_FIELDS;
    if (size > maxBytes()) append.reject(tooLarge(size, maxBytes()));
    else fresh.push({ append, time, subject: subjects + this.channel, header, data });
  }

  #stored(fresh: readonly Fresh[], lastOffset: number): void {
    const delivered = this.#parts.delivered(this.channel, lastOffset);
    let offset = lastOffset - fresh.length;
    let previous = this.#last?.offset ?? 0;
    for (const { append, time } of fresh) {
      offset += 1;
      const entry = createLogEntry(append.draft, offset, previous, time.at, time.tick);
      previous = offset;
      this.#learn(entry, time);
      const appended = { entry, isNew: true };
      append.resolve(delivered === undefined ? appended : delivered.then(() => appended));
    }
    this.#riddles = 0;
    this.#losses = 0;
  }

  async #notStored(
    fresh: readonly Fresh[],
    published: Exclude<Published, { outcome: "stored" }>,
  ): Promise<void> {
    if (published.outcome === "refused") {
      for (const { append } of fresh) append.reject(published.error);
      return;
    }
    const appends = fresh.map(({ append }) => append);
    if (published.outcome === "overtaken") {
      const isNews = await this.#catchUp();
      this.#riddles = isNews ? 0 : this.#riddles + 1;
      if (this.#riddles > MAX_RIDDLES) this.#last = null;
      this.#losses += 1;
      if (this.#losses >= MAX_LOSSES) this.#parts.askForTurn(this.channel);
      return await this.#tryAgain(appends, noAnswer("other nodes append to it"), isNews ? 0 : 2);
    }
    const error = "error" in published ? published.error : noAnswer("too many batches at once");
    // If it is there after all, the next try is overtaken by it.
    if (published.outcome === "lost") await this.#parts.requests.connected(this.#parts.giveUpMs);
    await this.#tryAgain(appends, error, AGAIN_MS);
  }

  /** Puts appends back, those apart whose time is over. */
  async #tryAgain(batch: readonly Append[], error: AnywireError, waitMs: number): Promise<void> {
    const now = performance.now();
    const isFinal = error.code !== "unavailable" || this.#parts.requests.isClosed;
    const goOn: Append[] = [];
    for (const append of [...batch, ...this.#waiting]) {
      if (isFinal || append.giveUpAt <= now) append.reject(error);
      else goOn.push(append);
    }
    this.#waiting = goOn;
    if (goOn.length > 0) await pause(waitMs + Math.random() * Math.min(waitMs, MAX_WAIT_MS));
  }

  /** Makes sure that what was stored from a moment on is known. */
  async #cover(earliest: number): Promise<void> {
    if (this.#last === null) await this.#open();
    if (this.#ids.covers(earliest)) return;
    await this.#readBack(Math.max(BEGINNING, earliest - READ_BACK_SLACK_MS));
  }

  async #open(): Promise<void> {
    const last = await this.#parts.reader.last(this.channel);
    if (last === undefined) {
      this.#ids = new KnownIds(0, BEGINNING);
      this.#last = NOTHING;
      return;
    }
    this.#ids = new KnownIds(last.entry.offset - 1, last.storedAt);
    this.#learn(last.entry, timeOf(last.entry));
  }

  /** Learns the ids of what was stored from a moment on. */
  async #readBack(moment: number): Promise<void> {
    const { reader } = this.#parts;
    const until = this.#ids.from;
    let start: PageStart =
      moment === BEGINNING ? { seq: 1 } : { start_time: new Date(moment).toISOString() };
    let first = until + 1;
    for (;;) {
      const { entries, hasMore } = await reader.page(this.channel, start, PAGE_ENTRIES);
      first = Math.min(first, entries[0]?.offset ?? first);
      for (const { id, offset } of entries) if (offset <= until) this.#ids.add(id, offset);
      const last = entries.at(-1)?.offset ?? until;
      if (!hasMore || last >= until) break;
      start = { seq: last + 1 };
    }
    this.#ids.extend(moment === BEGINNING ? 0 : first - 1, moment);
  }

  /** Learns what others, or a publish without an answer, have stored. True when there was something. */
  async #catchUp(): Promise<boolean> {
    const before = this.#last?.offset ?? 0;
    for (;;) {
      const start = { seq: (this.#last?.offset ?? 0) + 1 };
      const page = await this.#parts.reader.page(this.channel, start, PAGE_ENTRIES);
      for (const entry of page.entries) this.#learn(entry, timeOf(entry));
      if (!page.hasMore) break;
    }
    return (this.#last?.offset ?? 0) > before;
  }

  #learn({ id, offset }: LogEntry, { at, tick }: EntryTime): void {
    this.#ids.add(id, offset);
    this.#last = { offset, at, tick };
  }

  async #answerStored(append: Append, offset: number): Promise<void> {
    try {
      const entry = await this.#parts.reader.entry(offset);
      if (entry?.id === append.draft.id) return append.resolve({ entry, isNew: false });
      // The log has lost it: the next try looks anew.
      this.forget();
      append.reject(noAnswer(`the entry at offset ${offset}`));
    } catch (error) {
      append.reject(error);
    }
  }
}

/** The earliest moment at which one of these can have been stored before. */
function earliestOfAll(batch: readonly Append[]): number {
  const now = Date.now();
  let earliest = Number.POSITIVE_INFINITY;
  for (const { draft } of batch) earliest = Math.min(earliest, earliestOf(draft.id, now));
  return earliest;
}

function tooLarge(size: number, most: number): AnywireError {
  return new AnywireError(
    "too_large",
    `the entry has ${size} bytes, and NATS takes ${most}; raise max_payload there, or send less`,
  );
}
