import { setTimeout as pause } from "node:timers/promises";
import type { LogEntry } from "@anywire/core";
import { AnywireError } from "@anywire/types";
import { compareUtf8 } from "../shared/compare-utf8.ts";
import type { ConsumerChanges, ConsumerSnapshot } from "../shared/consumer-store.ts";
import { mapLimit } from "../shared/map-limit.ts";
import { ConsumerRecords } from "./consumer-records.ts";
import { EntryReader } from "./entry-reader.ts";
import { LogStream } from "./log-stream.ts";
import { NatsConsumerStore } from "./nats-consumer-store.ts";
import { noAnswer } from "./nats-faults.ts";
import type { NatsLink } from "./nats-link.ts";
import { NatsRequests } from "./nats-requests.ts";
import { encodeEntryHeader, timeOf } from "./stored-entry.ts";
import { expectStreamLast, type Outgoing, StreamPublisher } from "./stream-publisher.ts";

/** Entries, and characters of data, written in one piece. */
const MAX_BATCH = 500;
const MAX_BATCH_LENGTH = 2 * 1024 * 1024;
const GIVE_UP_MS = 30_000;
const AGAIN_MS = 100;
/** How long a consumer is nobody else's after whoever wrote it was killed. */
const LEASE_MS = 1_000;
const READS_AT_ONCE = 100;

/** How a log is imported. */
export interface NatsLogImportOptions {
  /** Identity of the log that the entries come from. */
  readonly epoch: string;
  /** Servers that keep a copy: 1, 3 or 5. Default: as many as the log has, 1 for a new one. */
  readonly replicas?: number | undefined;
}

/** Fills a new NATS log with the entries and durable consumers of another log, with their offsets, times and epoch. */
export interface NatsLogImport {
  /**
   * Creates the log, or takes up an import that was broken off. Until `finish`, no node can open the log.
   * @throws {AnywireError} `conflict` when there is another log already, or consumers that an earlier one left.
   */
  start(): Promise<void>;
  /** Whether nodes can open the log already: nothing more can be written then. Known once `start` has resolved. */
  readonly isFinished: boolean;
  /** Offset of the last entry that is there: to go on after it. */
  position(): Promise<number>;
  /**
   * Writes entries, each with the offset after the one before. Resolves when they are stored.
   * @throws {AnywireError} `storage_damaged` when an offset is missing, `conflict` when the log is in use or
   * somebody else writes into it.
   */
  write(entries: readonly LogEntry[]): Promise<void>;
  /**
   * Writes what is kept of a consumer, in place of what an earlier attempt left; nothing when it is further there. Resolves
   * when it is stored.
   * @throws {AnywireError} `conflict` when the log or the consumer is in use.
   */
  writeConsumer(name: string, snapshot: ConsumerSnapshot): Promise<void>;
  /** What is there of a consumer. */
  consumer(name: string): Promise<ConsumerSnapshot>;
  /** All is there: nodes can open the log. */
  finish(): Promise<void>;
  close(): Promise<void>;
}

/** An import over a link of its own, or one that is shared. */
export function createNatsLogImport(link: NatsLink, options: NatsLogImportOptions): NatsLogImport {
  return new Import(link, options);
}

class Import implements NatsLogImport {
  readonly #link: NatsLink;
  readonly #stream: LogStream;
  readonly #requests: NatsRequests;
  readonly #publisher: StreamPublisher;
  readonly #records: ConsumerRecords;
  readonly #consumers: NatsConsumerStore;
  #position = 0;

  constructor(link: NatsLink, { epoch, replicas }: NatsLogImportOptions) {
    this.#link = link;
    this.#stream = new LogStream(link, { importedEpoch: epoch, replicas });
    this.#requests = new NatsRequests(link);
    this.#publisher = new StreamPublisher(this.#requests);
    this.#records = new ConsumerRecords(link, this.#requests, this.#stream);
    const entries = new EntryReader(this.#requests, this.#stream);
    this.#consumers = new NatsConsumerStore(this.#records, this.#publisher, entries);
  }

  async start(): Promise<void> {
    await this.#link.start();
    try {
      await this.#stream.open();
      this.#requests.open();
      await this.#records.open(this.#stream.replicas);
      this.#position = await this.#stream.lastOffset();
      await this.#assertNoStrangers();
    } catch (error) {
      await this.close();
      throw error;
    }
  }

  get isFinished(): boolean {
    return !this.#stream.isImporting;
  }

  async position(): Promise<number> {
    return this.#position;
  }

  async write(entries: readonly LogEntry[]): Promise<void> {
    this.#assertImporting();
    for (let from = 0; from < entries.length; ) {
      const messages = this.#messages(entries, from);
      await this.#store(messages);
      from += messages.length;
    }
  }

  async writeConsumer(name: string, snapshot: ConsumerSnapshot): Promise<void> {
    this.#assertImporting();
    await this.#consumers.open(name, "first");
    const holder = await this.#takeOver(name);
    try {
      const there = await this.consumer(name);
      if (there.position > snapshot.position) return;
      const isSaved = await this.#consumers.save(holder, name, changesFrom(there, snapshot));
      if (!isSaved) throw this.#inUse(name);
    } finally {
      await this.#consumers.end(holder);
    }
  }

  async consumer(name: string): Promise<ConsumerSnapshot> {
    const { position, parked } = await this.#consumers.load(name);
    const offsets = await this.#records.deadOffsets(name);
    const givenUp = await mapLimit(offsets, READS_AT_ONCE, (offset) =>
      this.#records.dead(name, offset),
    );
    return {
      position,
      parked: parked.toSorted((a, b) => compareUtf8(a.channel, b.channel)),
      givenUp: givenUp.filter((one) => one !== undefined),
    };
  }

  async finish(): Promise<void> {
    await this.#stream.endImport();
  }

  async close(): Promise<void> {
    this.#requests.close();
    await this.#link.close();
  }

  #assertImporting(): void {
    if (this.#stream.isImporting) return;
    throw new AnywireError("conflict", `the log ${this.#stream.name} is in use already`);
  }

  /** A consumer of this name would go on where one of a log that is gone was. */
  async #assertNoStrangers(): Promise<void> {
    if (this.#position > 0 || !this.#stream.isImporting || (await this.#records.isEmpty())) return;
    throw new AnywireError(
      "conflict",
      `the stream ${this.#records.name} holds consumers of another log; remove the stream, or choose another prefix`,
    );
  }

  async #takeOver(name: string): Promise<string> {
    const giveUpAt = performance.now() + GIVE_UP_MS;
    for (let holder = crypto.randomUUID(); ; ) {
      const taken = await this.#consumers.lease(holder, [name], LEASE_MS);
      if (taken?.includes(name) === true) return holder;
      if (taken === null) holder = crypto.randomUUID();
      // An import that was killed may have it for a moment more.
      if (performance.now() > giveUpAt) throw this.#inUse(name);
      await pause(AGAIN_MS);
    }
  }

  #inUse(name: string): AnywireError {
    const message = `somebody works the consumer ${name} of ${this.#stream.name}: stop all servers`;
    return new AnywireError("conflict", message);
  }

  /** What goes in one piece. */
  #messages(entries: readonly LogEntry[], from: number): Outgoing[] {
    const messages: Outgoing[] = [];
    let length = 0;
    for (const entry of entries.slice(from, from + MAX_BATCH)) {
      length += entry.dataJson.length;
      if (length > MAX_BATCH_LENGTH && messages.length > 0) break;
      messages.push(this.#message(entry, this.#position + messages.length));
    }
    return messages;
  }

  #message(entry: LogEntry, last: number): Outgoing {
    if (entry.offset !== last + 1) {
      throw new AnywireError(
        "storage_damaged",
        `the entry after offset ${last} has offset ${entry.offset}; a NATS log has no gaps, so it can't be imported`,
      );
    }
    const fields = encodeEntryHeader(entry, timeOf(entry), entry.previousOffset);
    return {
      subject: this.#stream.stored + entry.channel,
      header: last === this.#position ? fields + expectStreamLast(last) : fields,
      data: Buffer.from(entry.dataJson),
    };
  }

  async #store(messages: readonly Outgoing[]): Promise<void> {
    const giveUpAt = performance.now() + GIVE_UP_MS;
    const end = this.#position + messages.length;
    for (;;) {
      const published = await this.#publisher.publish(messages);
      if (published.outcome === "refused") throw published.error;
      // Without an answer they may be there.
      const last = published.outcome === "stored" ? end : await this.#stream.lastOffset();
      if (last === end) break;
      if (last !== this.#position) {
        throw new AnywireError("conflict", `somebody else writes into ${this.#stream.name}`);
      }
      if (performance.now() > giveUpAt) throw noAnswer("the import could not be written");
      await pause(AGAIN_MS);
    }
    this.#position = end;
  }
}

/** What makes one snapshot of another. */
function changesFrom(there: ConsumerSnapshot, snapshot: ConsumerSnapshot): ConsumerChanges {
  const parked = new Set(snapshot.parked.map(({ channel }) => channel));
  const givenUp = new Set(snapshot.givenUp.map(({ offset }) => offset));
  const channels = there.parked.map(({ channel }) => channel);
  const offsets = there.givenUp.map(({ offset }) => offset);
  return {
    ...snapshot,
    unparked: channels.filter((channel) => !parked.has(channel)),
    revived: offsets.filter((offset) => !givenUp.has(offset)),
  };
}
