import type { Listening } from "../ports/listening.ts";

/** What the inboxes follow of the state: notification channels, and the channels their accounts take part in. */
export class Follows {
  readonly #listening: Listening;
  readonly #isUsed: (name: string) => boolean;
  /** By name, what ends it; a promise while it begins. */
  readonly #ends = new Map<string, Promise<() => void>>();
  /** What may be used no more. */
  readonly #doubtful = new Set<string>();

  constructor(listening: Listening, isUsed: (name: string) => boolean) {
    this.#listening = listening;
    this.#isUsed = isUsed;
  }

  /** Whether a name is followed, or about to be. */
  has(name: string): boolean {
    return this.#listening.hearsAll || this.#ends.has(name);
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
      end?.then((stop) => stop()).catch(() => {});
    }
    this.#doubtful.clear();
  }

  #begin(name: string): Promise<unknown> {
    let end = this.#ends.get(name);
    if (end === undefined) {
      end = this.#listening.follow(name);
      this.#ends.set(name, end);
      // The next one to follow it begins anew.
      end.catch(() => this.#ends.delete(name));
    }
    this.#doubtful.add(name);
    return end;
  }
}
