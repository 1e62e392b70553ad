import type { Listening } from "../ports/listening.ts";

/** What the inboxes follow of the state: notification channels, and the channels their accounts take part in. */
export class Follows {
  readonly #listening: Listening;
  readonly #isUsed: (name: string) => boolean;
  /** By name, what ends it. */
  readonly #ends = new Map<string, Promise<() => void>>();
  /** Those that have begun. */
  readonly #heard = new Set<string>();
  /** What may be used no more. */
  readonly #doubtful = new Set<string>();

  constructor(listening: Listening, isUsed: (name: string) => boolean) {
    this.#listening = listening;
    this.#isUsed = isUsed;
  }

  /** Whether everything that happens on a channel is heard. */
  hears(name: string): boolean {
    return this.#listening.hearsAll || this.#heard.has(name);
  }

  /** Follows names; resolves when all are. Those that turn out not to be used end with the next `sweep`. */
  async add(names: Iterable<string>): Promise<void> {
    await Promise.all([...names].map((name) => this.#begin(name)));
  }

  /** A name may be used no more. */
  doubt(name: string): void {
    if (this.#ends.has(name)) this.#doubtful.add(name);
  }

  /** Ends what is used no more. */
  sweep(): void {
    for (const name of this.#doubtful) {
      if (this.#isUsed(name)) continue;
      const end = this.#ends.get(name);
      this.#ends.delete(name);
      this.#heard.delete(name);
      end?.then((stop) => stop()).catch(() => {});
    }
    this.#doubtful.clear();
  }

  async #begin(name: string): Promise<void> {
    this.#doubtful.add(name);
    let end = this.#ends.get(name);
    if (end === undefined) {
      end = this.#listening.follow(name);
      this.#ends.set(name, end);
    }
    try {
      await end;
      if (this.#ends.get(name) === end) this.#heard.add(name);
    } catch (error) {
      // The next one to follow it begins anew.
      if (this.#ends.get(name) === end) this.#ends.delete(name);
      throw error;
    }
  }
}
