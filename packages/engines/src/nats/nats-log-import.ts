import { setTimeout as pause } from "node:timers/promises";
import type { LogEntry } from "@anywire/core";
import { AnywireError } from "@anywire/types";
import { LogStream } from "./log-stream.ts";
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

/** How a log is imported. */
export interface NatsLogImportOptions {
  /** Identity of the log that the entries come from. */
  readonly epoch: string;
  /** Servers that keep a copy: 1, 3 or 5. Default: as many as the log has, 1 for a new one. */
  readonly replicas?: number | undefined;
}

/** Fills a new NATS log with the entries of another log, with their offsets, times and epoch. */
export interface NatsLogImport {
  /**
   * Creates the log, or takes up an import that was broken off. Until `finish`, no node can open the log.
   * @throws {AnywireError} `conflict` when there is another log already.
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
  /** All entries are there: nodes can open the log. */
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
  #position = 0;

  constructor(link: NatsLink, { epoch, replicas }: NatsLogImportOptions) {
    this.#link = link;
    this.#stream = new LogStream(link, { importedEpoch: epoch, replicas });
    this.#requests = new NatsRequests(link);
    this.#publisher = new StreamPublisher(this.#requests);
  }

  async start(): Promise<void> {
    await this.#link.start();
    try {
      await this.#stream.open();
      this.#requests.open();
      this.#position = await this.#stream.lastOffset();
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
    if (!this.#stream.isImporting) {
      throw new AnywireError("conflict", `the log ${this.#stream.name} is in use already`);
    }
    for (let from = 0; from < entries.length; ) {
      const messages = this.#messages(entries, from);
      await this.#store(messages);
      from += messages.length;
    }
  }

  async finish(): Promise<void> {
    await this.#stream.endImport();
  }

  async close(): Promise<void> {
    this.#requests.close();
    await this.#link.close();
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
