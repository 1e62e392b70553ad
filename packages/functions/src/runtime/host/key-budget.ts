import type { KeyValueStore } from "@anywire/core";
import { AnywireError } from "@anywire/types";
import { counted } from "../counted.ts";

/** What a budget needs. */
export interface KeyBudgetOptions {
  readonly kv: Pick<KeyValueStore, "get" | "list">;
  /** What the keys begin with. */
  readonly prefix: string;
  readonly maxKeys: number;
  /** Milliseconds since the Unix epoch. Default `Date.now`. */
  readonly now?: () => number;
}

const PAGE = 1_000;
/** Keys are counted anew so often, ms. */
const RECOUNT_MS = 60_000;
/** At most a twentieth of the time goes into counting. */
const REST = 20;
/** Keys that are known to be there, so that writing them again is not taken for an addition. */
const MAX_KNOWN = 10_000;

/**
 * How many keys a platform's functions may keep. They are counted at the first write and every minute, and what was added here in
 * between is taken in: so they can be more by as many as other nodes add in a minute, and one that faded away counts
 * until the next time. Before a key is refused they are counted anew.
 */
export class KeyBudget {
  readonly #options: KeyBudgetOptions;
  readonly #now: () => number;
  readonly #known = new Set<string>();
  #counted = 0;
  /** Keys written since, that are not known to have been there. */
  #added = 0;
  #hasFreed = false;
  /** When to count anew, milliseconds since the Unix epoch; null before the first time. */
  #nextAt: number | null = null;
  #counting: Promise<void> | null = null;

  constructor(options: KeyBudgetOptions) {
    this.#options = options;
    this.#now = options.now ?? Date.now;
  }

  /**
   * Lets a write to a key pass.
   * @throws {AnywireError} `limit_exceeded` when it would be a new key beyond the last one.
   */
  async take(key: string): Promise<void> {
    if (this.#nextAt === null) await this.#count();
    // It was counted before, and can be again the next time.
    else if (this.#nextAt <= this.#now()) void this.#count().catch(() => {});
    if (this.#known.has(key)) return;
    if (this.#isFull()) {
      if ((await this.#options.kv.get(key)) !== undefined) return;
      if (this.#added > 0 || this.#hasFreed) await this.#count();
      if (this.#isFull()) throw this.#refusal();
    }
    if (this.#known.size >= MAX_KNOWN) this.#known.clear();
    this.#known.add(key);
    this.#added += 1;
  }

  /** A key was taken away. */
  free(key: string): void {
    this.#known.delete(key);
    this.#hasFreed = true;
  }

  #isFull(): boolean {
    return this.#counted + this.#added >= this.#options.maxKeys;
  }

  #refusal(): AnywireError {
    const { maxKeys } = this.#options;
    return new AnywireError(
      "limit_exceeded",
      `functions keep ${counted(maxKeys, "key")} already, which is all they may (functions.maxKeys); delete some, or give them a ttlMs`,
      { details: { maxKeys } },
    );
  }

  /** Those who ask meanwhile wait for the same. */
  #count(): Promise<void> {
    this.#counting ??= this.#list().finally(() => {
      this.#counting = null;
    });
    return this.#counting;
  }

  async #list(): Promise<void> {
    const { kv, prefix, maxKeys } = this.#options;
    const startedAt = this.#now();
    const addedBefore = this.#added;
    this.#hasFreed = false;
    let counted = 0;
    for (let after: string | undefined; ; ) {
      const from = after === undefined ? {} : { after };
      const { items, hasMore } = await kv.list({ prefix, limit: PAGE, ...from });
      counted += items.length;
      after = items.at(-1)?.key;
      if (!hasMore || after === undefined || counted >= maxKeys) break;
    }
    this.#counted = counted;
    // What was written since it began may be counted twice, but is not missed.
    this.#added -= addedBefore;
    this.#nextAt = startedAt + Math.max(RECOUNT_MS, REST * (this.#now() - startedAt));
  }
}
