import { setTimeout as pause } from "node:timers/promises";
import type { Listening, LogEntry } from "@anywire/core";
import { AnywireError } from "@anywire/types";
import type { Msg, ServerInfo } from "@nats-io/transport-node";
import { Deliveries } from "./deliveries.ts";
import type { EntryReader } from "./entry-reader.ts";
import { FollowedPatterns } from "./followed-patterns.ts";
import type { LogStream } from "./log-stream.ts";
import type { NatsLink } from "./nats-link.ts";
import { headerField, headerText, textOf } from "./nats-message.ts";
import { decodeEntry } from "./stored-entry.ts";

const PAGE_ENTRIES = 1_000;
const AGAIN_MS = 100;
const FOLLOW_MS = 5_000;
/** How often the point up to which nothing is missing moves on while entries are told live. */
const ROUND_MS = 2_000;
/** How long an append may wait for the tail of its own node. */
const DELIVERY_MS = 5_000;

/** What a tail works with. */
export interface LogTailParts {
  readonly link: NatsLink;
  readonly stream: LogStream;
  readonly reader: EntryReader;
  /** Hears of every entry before any listener. */
  readonly onEntry: (entry: LogEntry) => void;
}

/**
 * The live tail of one node. The server tells each stored entry on its channel's live subject, and names the channel's entry
 * before it. That is fast and forgets: what is told while the connection is broken is lost. So the tail is live or *behind*:
 * behind, it takes nothing that is told, reads what is followed from the last point at which surely nothing was missing,
 * and is live again once it has read everything it was told of meanwhile.
 */
export class LogTail {
  readonly #parts: LogTailParts;
  readonly #followed: FollowedPatterns;
  readonly #listeners = new Set<(entry: LogEntry) => void>();
  readonly #deliveries: Deliveries;
  /** The server's greeting on the connection that was heard last: another object after each reconnect. */
  #greeting: ServerInfo | undefined;
  #isLive = false;
  #isCatchingUp = false;
  #isClosed = false;
  /** Counts what makes a page that is being read worthless. */
  #generation = 0;
  /** The largest offset that was told of while behind. */
  #told = 0;
  /** The stream's last offset one round ago. */
  #mark = 0;
  #timer: NodeJS.Timeout | undefined;
  /** The page that is being read. */
  #reading: Promise<unknown> = Promise.resolve();

  constructor(parts: LogTailParts) {
    this.#parts = parts;
    this.#followed = new FollowedPatterns((pattern) => this.#subscribe(pattern));
    this.#deliveries = new Deliveries(DELIVERY_MS, () => this.fallBehind());
  }

  /** Begins to listen. */
  listen(deliver: (entry: LogEntry) => void): Listening {
    // A function of its own, so that one `deliver` can tail twice.
    const own = (entry: LogEntry): void => deliver(entry);
    const ends = new Set<() => void>();
    let isStopped = false;
    this.#listeners.add(own);
    return {
      hearsAll: false,
      follow: async (pattern) => {
        const end = await this.#follow(pattern);
        if (isStopped) end();
        ends.add(end);
        return () => {
          ends.delete(end);
          end();
        };
      },
      stop: () => {
        isStopped = true;
        this.#listeners.delete(own);
        for (const end of ends) end();
        ends.clear();
      },
    };
  }

  /** Resolves once the listeners have an entry; undefined when they have it or its channel is not followed. */
  delivered(channel: string, offset: number): Promise<void> | undefined {
    if (!this.#followed.has(channel)) return undefined;
    if (this.#isLive && this.#deliveries.last >= offset) return undefined;
    // Stored before following its channel had begun.
    if (offset <= this.#deliveries.complete) return undefined;
    return this.#deliveries.wait(channel, offset);
  }

  /** Something may have been lost: what is told counts no more until everything has been read. */
  fallBehind(): void {
    this.#isLive = false;
    this.#generation += 1;
    this.#catchUp().catch(() => {});
  }

  /** When the log has lost what it had after an offset, what comes next has offsets that were seen before. True then. */
  rewind(lastOffset: number): boolean {
    if (lastOffset >= this.#deliveries.last) return false;
    this.#deliveries.reset(lastOffset);
    this.#mark = 0;
    this.#told = 0;
    this.fallBehind();
    return true;
  }

  /** Ends all listening. */
  close(): void {
    this.#isClosed = true;
    clearInterval(this.#timer);
    this.#listeners.clear();
    this.#followed.clear();
    this.#deliveries.close();
  }

  async #follow(pattern: string): Promise<() => void> {
    const end = await this.#followed.follow(pattern);
    return () => {
      end();
      this.#deliveries.forget(pattern);
      this.#deliveries.release((channel) => this.#followed.has(channel));
      if (this.#followed.isEmpty) this.#rest();
    };
  }

  /** Nobody follows anything: whoever does so next begins at the head. */
  #rest(): void {
    this.#isLive = false;
    this.#generation += 1;
    clearInterval(this.#timer);
    this.#timer = undefined;
    this.#deliveries.reset(0);
  }

  #subscribe(pattern: string): { ready: Promise<void>; end: () => void } {
    const { link, stream } = this.#parts;
    const subscription = link.connection.subscribe(stream.live + pattern, {
      callback: (error, message) => {
        if (error === null) this.#onMessage(message);
      },
    });
    const end = (): void => subscription.unsubscribe();
    return { ready: this.#confirm(), end };
  }

  /** Resolves once the server knows the subscriptions, and it is known where to begin. */
  async #confirm(): Promise<void> {
    const stop = new AbortController();
    const late = pause(FOLLOW_MS, true, { signal: stop.signal }).catch(() => false);
    try {
      const isLate = await Promise.race([late, this.#begin().then(() => false)]);
      if (!isLate) return;
    } catch (cause) {
      throw new AnywireError("unavailable", "NATS cannot be reached to follow a channel", {
        cause,
      });
    } finally {
      stop.abort();
    }
    throw new AnywireError(
      "unavailable",
      "NATS did not answer in time when told to follow a channel",
    );
  }

  async #begin(): Promise<void> {
    await this.#parts.link.connection.flush();
    // A page that was asked for without this pattern must not go beyond what is stored from here on.
    if (this.#timer !== undefined) return void (await this.#reading.catch(() => {}));
    this.#greeting = this.#parts.link.connection.info;
    const head = await this.#parts.reader.head();
    if (this.#timer !== undefined || this.#isClosed || this.#followed.isEmpty) return;
    this.#deliveries.reset(head);
    this.#mark = 0;
    this.#timer = setInterval(() => void this.#round(), ROUND_MS);
    this.fallBehind();
  }

  #onMessage(message: Msg): void {
    const { info } = this.#parts.link.connection;
    if (info !== this.#greeting) {
      this.#greeting = info;
      this.fallBehind();
    }
    const header = headerText(message);
    const offset = Number(headerField(header, "Nats-Sequence"));
    if (!this.#isLive) {
      this.#told = Math.max(this.#told, offset);
      return;
    }
    // Two subscriptions that overlap bring a message twice.
    if (this.#deliveries.has(offset)) return;
    const channel = message.subject.slice(this.#parts.stream.live.length);
    const previous = Number(headerField(header, "Nats-Last-Sequence"));
    const isLate = offset < this.#deliveries.last;
    if (isLate || previous > this.#deliveries.lastOf(channel, previous)) {
      this.#told = Math.max(this.#told, offset);
      this.fallBehind();
      return;
    }
    this.#deliver(decodeEntry(channel, offset, header, textOf(message.data)));
  }

  #deliver(entry: LogEntry): void {
    this.#deliveries.add(entry);
    this.#parts.onEntry(entry);
    for (const deliver of this.#listeners) deliver(entry);
    this.#deliveries.settle(entry.offset);
  }

  async #catchUp(): Promise<void> {
    if (this.#isCatchingUp) return;
    this.#isCatchingUp = true;
    while (!this.#isLive && !this.#isClosed && this.#timer !== undefined) {
      try {
        const isAtHead = await this.#readOn();
        if (!isAtHead) continue;
      } catch {
        // The stream can't be read for now: whoever appends or reads is told why.
      }
      if (!this.#isLive) await pause(AGAIN_MS);
    }
    this.#isCatchingUp = false;
  }

  /** Delivers a page; true when there is nothing to be read right now. */
  async #readOn(): Promise<boolean> {
    const { cover } = this.#followed;
    const generation = this.#generation;
    const told = this.#told;
    const start = { seq: this.#deliveries.complete + 1 };
    const reading = this.#parts.reader.page(cover, start, PAGE_ENTRIES);
    this.#reading = reading;
    const page = await reading;
    if (generation !== this.#generation) return false;
    for (const entry of page.entries) {
      const isNew = !this.#deliveries.has(entry.offset) && this.#followed.has(entry.channel);
      if (isNew) this.#deliver(entry);
    }
    const last = page.entries.at(-1)?.offset ?? 0;
    this.#deliveries.completeTo(last);
    if (page.hasMore) return false;
    // What was told of before the page was read is in it, if it is followed still.
    if (this.#told > Math.max(last, told)) return false;
    this.#isLive = true;
    return true;
  }

  /** What was stored a round ago has been told by now, unless the connection broke, which is noticed. */
  async #round(): Promise<void> {
    if (!this.#isLive) return;
    const generation = this.#generation;
    try {
      const head = await this.#parts.reader.head();
      if (!this.#isLive || generation !== this.#generation) return;
      this.#deliveries.completeTo(this.#mark);
      this.#mark = head;
    } catch {
      // The next round comes soon.
    }
  }
}
