import { setTimeout as pause } from "node:timers/promises";
import {
  type Appended,
  type Consumer,
  type ConsumerOptions,
  type EntryDraft,
  type EntryHandler,
  type Listening,
  type Log,
  type LogEntry,
  type LogPage,
  type LogQuery,
  manageLog,
} from "@anywire/core";
import { AnywireError } from "@anywire/types";
import { NodeConsumers } from "../shared/node-consumers.ts";
import { ChannelTurns } from "./channel-turns.ts";
import { ChannelWriters } from "./channel-writers.ts";
import { ConsumerRecords } from "./consumer-records.ts";
import { EntryReader } from "./entry-reader.ts";
import { LogReader } from "./log-reader.ts";
import { LogStream } from "./log-stream.ts";
import { LogTail } from "./log-tail.ts";
import { NatsConsumerStore } from "./nats-consumer-store.ts";
import type { NatsLink } from "./nats-link.ts";
import { NatsRequests } from "./nats-requests.ts";
import { StreamPublisher } from "./stream-publisher.ts";

const VERIFY_AGAIN_MS = 1_000;

/** Settings of a NATS log; each has a default. */
export interface NatsLogOptions {
  /** Servers that keep a copy of the log: 1, 3 or 5. Default: as many as it has, 1 for a new one. */
  readonly replicas?: number | undefined;
  /** The largest size of the log; then appends reject with `storage_full`. `0`: no limit but the account's. Default: as it is. */
  readonly maxBytes?: number;
  /** How long an append goes on trying while the servers are away, ms; it may be stored even so. Default 10,000. */
  readonly appendTimeoutMs?: number;
  /** Ids that are kept in memory to tell a repeated append at once; of others only that they were there. Default 500,000. */
  readonly maxIds?: number;
  /** How long a consumer's node may be silent before another takes over, ms. Default 3,000. */
  readonly leaseMs?: number;
  /**
   * Identity of a log that is being imported: opens it before it is finished, for who imports it to look at what is there.
   * Default: such a log is refused.
   */
  readonly importedEpoch?: string;
  /** The clock, milliseconds since the Unix epoch. Default `Date.now`. */
  readonly now?: () => number;
}

/**
 * A `Log` in a stream of NATS JetStream 2.12 or newer. Offsets are the stream's sequences.
 *
 * That an id is stored once does not lean on the server's window for duplicates: an append looks among the channel's
 * entries, for an id that is a UUID version 7 among those stored since a day before the time in it, for any other id among
 * all. So the promise holds without end as long as the clocks of those who make ids are right to a day.
 */
export function createNatsLog(link: NatsLink, options: NatsLogOptions = {}): Log {
  return manageLog(new NatsLog(link, options));
}

class NatsLog implements Log {
  readonly capabilities = { isDurable: true };
  readonly #link: NatsLink;
  readonly #stream: LogStream;
  readonly #requests: NatsRequests;
  readonly #entries: EntryReader;
  readonly #reader: LogReader;
  readonly #writers: ChannelWriters;
  readonly #turns: ChannelTurns;
  readonly #tail: LogTail;
  readonly #records: ConsumerRecords;
  readonly #consumerStore: NatsConsumerStore;
  readonly #consumers: NodeConsumers;
  #damage: AnywireError | null = null;
  #stopReconnects: () => void = () => {};

  constructor(link: NatsLink, options: NatsLogOptions) {
    const { appendTimeoutMs = 10_000, leaseMs = 3_000, now = Date.now, maxIds } = options;
    this.#link = link;
    this.#stream = new LogStream(link, options);
    this.#requests = new NatsRequests(link);
    this.#entries = new EntryReader(this.#requests, this.#stream);
    this.#reader = new LogReader(this.#entries);
    this.#tail = new LogTail({
      link,
      stream: this.#stream,
      reader: this.#entries,
      onEntry: (entry) => this.#writers.heard(entry),
    });
    const publisher = new StreamPublisher(this.#requests);
    const parts = {
      publisher,
      reader: this.#entries,
      requests: this.#requests,
      subjects: this.#stream.stored,
      now,
      maxBytes: () => link.connection.info?.max_payload ?? Number.POSITIVE_INFINITY,
      giveUpMs: appendTimeoutMs,
      askForTurn: (channel: string) => this.#turns.ask(channel),
      delivered: (channel: string, offset: number) => this.#tail.delivered(channel, offset),
    };
    this.#writers = new ChannelWriters(parts, maxIds);
    this.#turns = new ChannelTurns(link, (channel) => this.#writers.holdBack(channel));
    this.#records = new ConsumerRecords(link, this.#requests, this.#stream);
    this.#consumerStore = new NatsConsumerStore(this.#records, publisher, this.#entries);
    const source = {
      mayMiss: true,
      read: (query: LogQuery) => this.read(query),
      head: (pattern: string) => this.head(pattern),
      tail: (deliver: (entry: LogEntry) => void) => this.tail(deliver),
    };
    this.#consumers = new NodeConsumers(source, this.#consumerStore, leaseMs);
  }

  get epoch(): string {
    return this.#stream.epoch;
  }

  async start(): Promise<void> {
    await this.#link.start();
    try {
      await this.#stream.open();
      this.#requests.open();
      this.#turns.open();
      await this.#records.open(this.#stream.replicas);
      this.#stopReconnects = this.#link.onReconnect(() => void this.#onReconnect());
    } catch (error) {
      await this.close();
      throw error;
    }
  }

  append(draft: EntryDraft): Promise<Appended> {
    if (this.#damage !== null) return Promise.reject(this.#damage);
    return this.#writers.append(draft);
  }

  async read(query: LogQuery): Promise<LogPage> {
    this.#assertSound();
    return await this.#reader.read(query);
  }

  async head(pattern: string): Promise<number> {
    this.#assertSound();
    return await this.#reader.head(pattern);
  }

  tail(deliver: (entry: LogEntry) => void): Listening {
    return this.#tail.listen(deliver);
  }

  consume(options: ConsumerOptions, handle: EntryHandler): Promise<Consumer> {
    return this.#consumers.consume(options, handle);
  }

  async close(): Promise<void> {
    this.#stopReconnects();
    this.#tail.close();
    this.#requests.close();
    await this.#link.close();
  }

  /** The server may have been restored from a backup meanwhile, or have lost what it had not yet written down. */
  async #onReconnect(): Promise<void> {
    this.#tail.fallBehind();
    this.#consumerStore.forget();
    while (!this.#requests.isClosed) {
      try {
        const last = await this.#stream.lastOffset();
        this.#damage = null;
        if (this.#tail.rewind(last)) this.#writers.forget();
        return;
      } catch (error) {
        const isDamage = error instanceof AnywireError && error.code === "storage_damaged";
        if (isDamage) this.#damage = error;
        if (isDamage || !this.#link.isConnected) return;
      }
      await pause(VERIFY_AGAIN_MS);
    }
  }

  #assertSound(): void {
    if (this.#damage !== null) throw this.#damage;
  }
}
