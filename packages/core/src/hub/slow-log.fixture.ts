import type { Listening } from "../ports/listening.ts";
import type {
  Appended,
  Consumer,
  ConsumerOptions,
  EntryDraft,
  EntryHandler,
  Log,
  LogCapabilities,
  LogEntry,
  LogPage,
  LogQuery,
} from "../ports/log.ts";

/** What a slow log waits for. */
export type SlowStep = "head" | "head answer" | "read" | "read answer" | "tail";

/**
 * A log as if it were far away: a test decides when a call reaches it, when its answer comes back, and when
 * an entry comes down the tail. So a read can see entries that the tail has not brought yet, as with
 * a database read in one thread and written in another.
 */
export class SlowLog implements Log {
  readonly capabilities: LogCapabilities;
  readonly #log: Log;
  readonly #wait: (step: SlowStep) => Promise<void>;
  #tailed: Promise<void> = Promise.resolve();

  constructor(log: Log, wait: (step: SlowStep) => Promise<void>) {
    this.capabilities = log.capabilities;
    this.#log = log;
    this.#wait = wait;
  }

  get epoch(): string {
    return this.#log.epoch;
  }

  start(): Promise<void> {
    return this.#log.start();
  }

  append(draft: EntryDraft): Promise<Appended> {
    return this.#log.append(draft);
  }

  async read(query: LogQuery): Promise<LogPage> {
    await this.#wait("read");
    const page = await this.#log.read(query);
    await this.#wait("read answer");
    return page;
  }

  async head(pattern: string): Promise<number> {
    await this.#wait("head");
    const head = await this.#log.head(pattern);
    await this.#wait("head answer");
    return head;
  }

  tail(deliver: (entry: LogEntry) => void): Listening {
    return this.#log.tail((entry) => {
      this.#tailed = this.#tailed.then(() => this.#wait("tail")).then(() => deliver(entry));
    });
  }

  /** Resolves when the tail has brought everything that was appended before. */
  tailed(): Promise<void> {
    return this.#tailed;
  }

  consume(options: ConsumerOptions, handle: EntryHandler): Promise<Consumer> {
    return this.#log.consume(options, handle);
  }

  close(): Promise<void> {
    return this.#log.close();
  }
}
