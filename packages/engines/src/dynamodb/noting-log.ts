import type {
  Appended,
  Consumer,
  ConsumerOptions,
  EntryDraft,
  EntryHandler,
  Listening,
  Log,
  LogCapabilities,
  LogEntry,
  LogPage,
  LogQuery,
} from "@anywire/core";

/** A log that notes how far this node has appended: its reads of the state have to see as much. */
export class NotingLog implements Log {
  readonly capabilities: LogCapabilities;
  readonly #log: Log;
  #appended = 0;

  constructor(log: Log) {
    this.#log = log;
    this.capabilities = log.capabilities;
  }

  /** Offset of the last entry that was appended here; `0` for none. */
  get appended(): number {
    return this.#appended;
  }

  get epoch(): string {
    return this.#log.epoch;
  }

  start(): Promise<void> {
    return this.#log.start();
  }

  async append(draft: EntryDraft): Promise<Appended> {
    const appended = await this.#log.append(draft);
    // Also one that was there already: who appended it again may rely on it as well.
    this.#appended = Math.max(this.#appended, appended.entry.offset);
    return appended;
  }

  read(query: LogQuery): Promise<LogPage> {
    return this.#log.read(query);
  }

  head(pattern: string): Promise<number> {
    return this.#log.head(pattern);
  }

  tail(deliver: (entry: LogEntry) => void): Listening {
    return this.#log.tail(deliver);
  }

  consume(options: ConsumerOptions, handle: EntryHandler): Promise<Consumer> {
    return this.#log.consume(options, handle);
  }

  close(): Promise<void> {
    return this.#log.close();
  }
}
