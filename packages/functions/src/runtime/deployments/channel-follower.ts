import type { Listening, Log, LogEntry } from "@anywire/core";
import { AnywireError, toAnywireError } from "@anywire/types";

/** What to follow, and who is told. */
export interface ChannelFollowerOptions {
  readonly log: Pick<Log, "read" | "tail">;
  readonly channel: string;
  /** Told of every entry of the channel, once, in order. `isNew`: it was not there yet at the start. Must not throw. */
  readonly onEntry: (entry: LogEntry, isNew: boolean) => void;
  /** Told of a read that failed and nobody waits for. */
  readonly onError: (error: AnywireError) => void;
}

const PAGE_SIZE = 1000;

/** Goes through a channel from its first entry on, and then along with it. */
export class ChannelFollower {
  readonly #options: ChannelFollowerOptions;
  #listening: Listening | null = null;
  /** Offset of the last entry that was told. */
  #position = 0;
  #isAtStart = true;
  /** What is done one after the other; never rejects. */
  #turn: Promise<void> = Promise.resolve();

  constructor(options: ChannelFollowerOptions) {
    this.#options = options;
  }

  /** Resolves when all that is there was told. */
  start(): Promise<void> {
    const { log, channel } = this.#options;
    // What is heard from now on waits until all that was there before is read.
    return this.#inTurn(async () => {
      const listening = log.tail((entry) => this.#hear(entry));
      this.#listening = listening;
      await listening.follow(channel);
      await this.#readOn();
      this.#isAtStart = false;
    });
  }

  /** Resolves when everything was told that was stored before the call, whoever stored it. @throws {AnywireError} `unavailable` before `start` and after `close`. */
  catchUp(): Promise<void> {
    return this.#inTurn(() => this.#readOn());
  }

  /** Tells nothing more. */
  close(): void {
    this.#listening?.stop();
    this.#listening = null;
  }

  #hear(entry: LogEntry): void {
    const { channel, onError } = this.#options;
    if (entry.channel !== channel) return;
    const taken = this.#inTurn(async () => {
      if (entry.previousOffset > this.#position) await this.#readOn();
      this.#tell(entry);
    });
    taken.catch((error) => {
      if (this.#listening !== null) onError(toAnywireError(error));
    });
  }

  async #readOn(): Promise<void> {
    const { log, channel: pattern } = this.#options;
    for (;;) {
      if (this.#listening === null) {
        throw new AnywireError("unavailable", `${pattern} is not followed`);
      }
      const after = this.#position;
      const page = await log.read({ pattern, after, limit: PAGE_SIZE, order: "asc" });
      for (const entry of page.entries) this.#tell(entry);
      if (!page.hasMore) return;
    }
  }

  #tell(entry: LogEntry): void {
    if (entry.offset <= this.#position) return;
    this.#position = entry.offset;
    this.#options.onEntry(entry, !this.#isAtStart);
  }

  #inTurn(work: () => Promise<void>): Promise<void> {
    const done = this.#turn.then(work);
    this.#turn = done.catch(() => {});
    return done;
  }
}
