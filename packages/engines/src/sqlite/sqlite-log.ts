import { resolve } from "node:path";
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
  manageState,
  type StateStore,
} from "@anywire/core";
import { hearAll } from "../shared/hear-all.ts";
import { NodeConsumers } from "../shared/node-consumers.ts";
import { databaseFile } from "./open-database.ts";
import { SqliteConsumerStore } from "./sqlite-consumer-store.ts";
import { SqliteReader } from "./sqlite-reader.ts";
import { SqliteStateStore } from "./sqlite-state-store.ts";
import { SqliteWriter } from "./sqlite-writer.ts";
import type { WriterSettings } from "./writer-messages.ts";

/** Settings of a SQLite log; each but the directory has a default. */
export interface SqliteLogOptions {
  /** Where the database `anywire.db` lies. Created if absent. */
  readonly directory: string;
  /**
   * What an append waits for. `full`: the disk. `normal`: the operating system, so that a power cut can
   * take the last moments. `off`: nothing, and a power cut can damage the database. A crash of the
   * process loses nothing in any of them. Default `full`.
   * @see https://www.sqlite.org/pragma.html#pragma_synchronous
   */
  readonly synchronous?: "full" | "normal" | "off";
  /** Whether entries that arrive together share a commit. Default true; false only serves comparison. */
  readonly groupCommit?: boolean;
  /** The largest size of the database; then appends reject with `storage_full`. Default 0: no limit. */
  readonly maxBytes?: number;
  /** How long to wait for another process that holds a lock, ms. Default 5,000. */
  readonly busyTimeoutMs?: number;
  /** How often to look for entries that other processes appended, ms. Default 25. */
  readonly pollMs?: number;
  /** How long a consumer's node may be silent before another takes over, ms. Default 3,000. */
  readonly leaseMs?: number;
  /** The clock, milliseconds since the Unix epoch. Default `Date.now`. */
  readonly now?: () => number;
}

/** A log and the state that follows from it, in one database. */
export interface SqliteEngine {
  readonly log: Log;
  /** Lives as long as the log: start it after, and close it before. */
  readonly state: StateStore;
}

/** A `Log` and its `StateStore` in one SQLite database: every commit has both. */
export function createSqliteEngine(options: SqliteLogOptions): SqliteEngine {
  const log = new SqliteLog(options);
  return { log: manageLog(log), state: manageState(log.state) };
}

/**
 * A `Log` in one SQLite database. Several processes of one machine may open the same directory. Disk work
 * happens in two threads, one that writes and one that reads; the event loop never waits for it.
 */
export function createSqliteLog(options: SqliteLogOptions): Log {
  return createSqliteEngine(options).log;
}

class SqliteLog implements Log {
  readonly capabilities = { isDurable: true };
  readonly #writer: SqliteWriter;
  readonly #reader: SqliteReader;
  readonly #consumers: NodeConsumers;
  readonly #tails = new Set<(entry: LogEntry) => void>();
  /** What follows from the log. */
  readonly state: SqliteStateStore;
  #epoch = "";

  constructor(options: SqliteLogOptions) {
    const settings = writerSettings(options);
    this.#reader = new SqliteReader(settings);
    this.state = new SqliteStateStore(this.#reader, options.directory);
    const deliver = (entry: LogEntry): void => {
      for (const tail of this.#tails) tail(entry);
    };
    this.#writer = new SqliteWriter(settings, options.now ?? Date.now, deliver, this.state);
    const consumers = new SqliteConsumerStore(this.#writer, this.#reader);
    this.#consumers = new NodeConsumers(this, consumers, options.leaseMs ?? 3_000);
  }

  get epoch(): string {
    return this.#epoch;
  }

  async start(): Promise<void> {
    this.#reader.prepare();
    try {
      // One after the other: the writer creates or migrates what the reader opens.
      this.#epoch = await this.#writer.start();
      await this.#reader.start();
    } catch (error) {
      await this.close();
      throw error;
    }
  }

  append(draft: EntryDraft): Promise<Appended> {
    return this.#writer.append(draft);
  }

  read(query: LogQuery): Promise<LogPage> {
    return this.#reader.read(query);
  }

  head(pattern: string): Promise<number> {
    return this.#reader.head(pattern);
  }

  tail(deliver: (entry: LogEntry) => void): Listening {
    // A function of its own, so that one `deliver` can tail twice.
    const own = (entry: LogEntry): void => deliver(entry);
    this.#tails.add(own);
    return hearAll(() => void this.#tails.delete(own));
  }

  consume(options: ConsumerOptions, handle: EntryHandler): Promise<Consumer> {
    return this.#consumers.consume(options, handle);
  }

  async close(): Promise<void> {
    this.#tails.clear();
    // The writer last: closing the last connection also folds the write-ahead log into the database.
    await this.#reader.close();
    await this.#writer.close();
  }
}

function writerSettings(options: SqliteLogOptions): WriterSettings {
  return {
    file: databaseFile(resolve(options.directory)),
    synchronous: options.synchronous ?? "full",
    busyTimeoutMs: options.busyTimeoutMs ?? 5_000,
    maxBytes: options.maxBytes ?? 0,
    groupCommit: options.groupCommit ?? true,
    pollMs: options.pollMs ?? 25,
  };
}
