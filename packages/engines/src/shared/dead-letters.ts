import type { DeadLetter, LogEntry } from "@anywire/core";
import { AnywireError } from "@anywire/types";
import type { ConsumerProgress } from "./consumer-progress.ts";
import type { ConsumerStore } from "./consumer-store.ts";

/** Handles an entry; resolves with why it failed, null when it did not. */
type Attempt = (entry: LogEntry, attempt: number) => Promise<string | null>;

/** What a consumer gave up on. */
export class DeadLetters {
  readonly #name: string;
  readonly #store: ConsumerStore;
  readonly #progress: ConsumerProgress;

  constructor(name: string, store: ConsumerStore, progress: ConsumerProgress) {
    this.#name = name;
    this.#store = store;
    this.#progress = progress;
  }

  /** The one at an offset. @throws {AnywireError} `not_found` */
  async find(offset: number): Promise<DeadLetter> {
    await this.#progress.flush();
    const [letter] = await this.#store.deadLetters(this.#name, offset - 1, 1);
    if (letter?.entry.offset === offset) return letter;
    throw new AnywireError(
      "not_found",
      `the consumer ${this.#name} has no dead letter at offset ${offset}`,
    );
  }

  /** Tries one once more: gone when that succeeds, kept with one more attempt when it fails. */
  async replay(offset: number, tryIt: Attempt): Promise<boolean> {
    const letter = await this.find(offset);
    const attempts = letter.attempts + 1;
    const error = await tryIt(letter.entry, attempts);
    if (error === null) this.#progress.revived(offset);
    else this.#progress.gaveUp({ offset, attempts, error, at: letter.at });
    await this.#progress.flush();
    return error === null;
  }
}
