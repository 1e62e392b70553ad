import type { LogEntry } from "@anywire/core";
import type { LogStream } from "./log-stream.ts";
import type { NatsRequests } from "./nats-requests.ts";
import { entryOf } from "./stored-entry.ts";
import { type PageStart, StreamReader } from "./stream-reader.ts";

/** Entries in the order of offsets. */
export interface EntryPage {
  readonly entries: LogEntry[];
  /** Whether more followed when the page was read. */
  readonly hasMore: boolean;
}

/** An entry, and when the server stored it, milliseconds since the Unix epoch. */
export interface TimedEntry {
  readonly entry: LogEntry;
  readonly storedAt: number;
}

/** Reads the log's stream by channels and offsets: whatever an append was answered for before is seen. */
export class EntryReader {
  readonly #prefix: string;
  readonly #reader: StreamReader<LogEntry>;

  constructor(requests: NatsRequests, stream: LogStream) {
    this.#prefix = stream.stored;
    this.#reader = new StreamReader(requests, {
      name: stream.name,
      get isReplicated() {
        return stream.isReplicated;
      },
      decode: (message) => entryOf(message, stream.stored),
    });
  }

  /** Offset of the log's last entry, `0` for none. */
  async head(): Promise<number> {
    return (await this.#reader.last(">"))?.seq ?? 0;
  }

  /** The last entry of a channel. */
  async last(channel: string): Promise<TimedEntry | undefined> {
    const last = await this.#reader.last(this.#prefix + channel);
    return last === undefined ? undefined : { entry: last.item, storedAt: Date.parse(last.time) };
  }

  /** The entry at an offset. */
  entry(offset: number): Promise<LogEntry | undefined> {
    return this.#reader.get(offset);
  }

  /** At most `count` entries of a channel or pattern. */
  async page(pattern: string, start: PageStart, count: number): Promise<EntryPage> {
    const subject = pattern === ">" ? pattern : this.#prefix + pattern;
    const { items, hasMore } = await this.#reader.page(subject, start, count);
    return { entries: items, hasMore };
  }
}
