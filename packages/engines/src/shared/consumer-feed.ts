import type { LogEntry, LogPage } from "@anywire/core";
import type { ConsumerSource } from "./consumer-source.ts";
import type { ConsumerTail, TailListener, TailShare } from "./consumer-tail.ts";

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
export class ConsumerFeed implements TailListener {
  readonly #source: ConsumerSource;
  readonly #tail: ConsumerTail;
  readonly #pattern: string;
  readonly #sink: ConsumerSink;
  #cursor: number;
  /** The last matching offset that the tail has shown. */
  #seen = 0;
  #isLive = false;
  #isReading = false;
  #isStopped = false;
  #isFollowing = false;
  #share: TailShare | null = null;
  #timer: NodeJS.Timeout | undefined;

  constructor(
    source: ConsumerSource,
    tail: ConsumerTail,
    pattern: string,
    cursor: number,
    sink: ConsumerSink,
  ) {
    this.#source = source;
    this.#tail = tail;
    this.#pattern = pattern;
    this.#cursor = cursor;
    this.#sink = sink;
  }

  /** Offset of the last entry brought. */
  get cursor(): number {
    return this.#cursor;
  }

  start(): void {
    this.#share = this.#tail.listen(this.#pattern, this);
    this.resume();
  }

  /** Goes on when there is room again. */
  resume(): void {
    if (this.#isLive || this.#isReading || this.#isStopped || !this.#sink.hasRoom()) return;
    this.#isReading = true;
    this.#readOn().then(
      () => {
        this.#isReading = false;
        // The tail may have shown something since the last page.
        this.resume();
      },
      () => {
        this.#isReading = false;
        // The log could not be read: it says so to whoever appends; here it is only tried again.
        this.#resumeIn(READ_AGAIN_MS);
      },
    );
  }

  stop(): void {
    this.#isStopped = true;
    this.#share?.stop();
    clearTimeout(this.#timer);
  }

  /** The tail brings an entry that matches. */
  onEntry(entry: LogEntry): void {
    this.#seen = Math.max(this.#seen, entry.offset);
    if (!this.#isLive || entry.offset <= this.#cursor) return;
    if (this.#source.mayMiss && entry.offset !== this.#cursor + 1) {
      this.#isLive = false;
      this.resume();
      return;
    }
    if (!this.#sink.hasRoom()) {
      this.#isLive = false;
      return;
    }
    this.#take(entry);
    this.#sink.taken();
  }

  /** Looks for what the tail left out. False while pages are read: the last of them may be older than what was left out. */
  async look(): Promise<boolean> {
    if (!this.#isLive) return false;
    const { entries } = await this.#page(1);
    if ((entries[0]?.offset ?? 0) > this.#cursor) {
      this.#isLive = false;
      this.resume();
    }
    return true;
  }

  #page(limit: number): Promise<LogPage> {
    return this.#source.read({ pattern: this.#pattern, after: this.#cursor, limit, order: "asc" });
  }

  #resumeIn(ms: number): void {
    clearTimeout(this.#timer);
    if (this.#isStopped) return;
    this.#timer = setTimeout(() => {
      this.#isLive = false;
      this.resume();
    }, ms);
  }

  async #readOn(): Promise<void> {
    if (!this.#isFollowing) {
      // Before the first read: what is stored from here on is in that page or shown by the tail.
      await this.#share?.follow();
      this.#isFollowing = true;
    }
    while (!this.#isLive && !this.#isStopped && this.#sink.hasRoom()) {
      const page = await this.#page(PAGE_ENTRIES);
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
