import type { LogEntry } from "@anywire/core";
import type { ConsumerSource } from "./consumer-source.ts";
import { patternTest } from "./pattern-test.ts";

const PAGE_ENTRIES = 500;
const READ_AGAIN_MS = 1_000;

/** Who is fed. */
export interface ConsumerSink {
  /** Takes one entry, each with a larger offset than the one before. */
  take(entry: LogEntry): void;
  /** Called when a batch has been taken. */
  taken(): void;
  /** False stops the feed until `resume`. */
  hasRoom(): boolean;
}

/**
 * Brings a consumer every matching entry after its cursor, once and in order: in pages while it is
 * behind, straight from the tail once it has caught up, and in pages again when it had no room.
 */
export class ConsumerFeed {
  readonly #source: ConsumerSource;
  readonly #pattern: string;
  readonly #sink: ConsumerSink;
  readonly #matches: (channel: string) => boolean;
  #cursor: number;
  /** The last matching offset that the tail has shown. */
  #seen = 0;
  #isLive = false;
  #isReading = false;
  #isStopped = false;
  #untail: () => void = () => {};
  #timer: NodeJS.Timeout | undefined;

  constructor(source: ConsumerSource, pattern: string, cursor: number, sink: ConsumerSink) {
    this.#source = source;
    this.#pattern = pattern;
    this.#cursor = cursor;
    this.#sink = sink;
    this.#matches = patternTest(pattern);
  }

  /** Offset of the last entry brought. */
  get cursor(): number {
    return this.#cursor;
  }

  start(): void {
    // Before the first read: what is stored from here on is in that page or shown by the tail.
    this.#untail = this.#source.tail((entry) => this.#onTail(entry));
    this.resume();
  }

  /** Goes on when there is room again. */
  resume(): void {
    if (this.#isLive || this.#isReading || this.#isStopped || !this.#sink.hasRoom()) return;
    this.#isReading = true;
    this.#readOn()
      // The log could not be read: it says so to whoever appends; here it is only tried again.
      .catch(() => {
        if (!this.#isStopped) this.#timer = setTimeout(() => this.resume(), READ_AGAIN_MS);
      })
      .finally(() => {
        this.#isReading = false;
      });
  }

  stop(): void {
    this.#isStopped = true;
    this.#untail();
    clearTimeout(this.#timer);
  }

  #onTail(entry: LogEntry): void {
    if (!this.#matches(entry.channel)) return;
    this.#seen = entry.offset;
    if (!this.#isLive || entry.offset <= this.#cursor) return;
    if (!this.#sink.hasRoom()) {
      this.#isLive = false;
      return;
    }
    this.#take(entry);
    this.#sink.taken();
  }

  async #readOn(): Promise<void> {
    while (!this.#isLive && !this.#isStopped && this.#sink.hasRoom()) {
      const page = await this.#source.read({
        pattern: this.#pattern,
        after: this.#cursor,
        limit: PAGE_ENTRIES,
        order: "asc",
      });
      if (this.#isStopped) return;
      for (const entry of page.entries) this.#take(entry);
      // An entry seen beyond this page was stored after it was read, so there is more to read.
      this.#isLive = !page.hasMore && this.#seen <= this.#cursor;
      this.#sink.taken();
    }
  }

  #take(entry: LogEntry): void {
    this.#cursor = entry.offset;
    this.#sink.take(entry);
  }
}
