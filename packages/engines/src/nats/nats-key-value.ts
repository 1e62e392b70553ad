import {
  type KeyValue,
  type KeyValuePage,
  type KeyValueQuery,
  type KeyValueStore,
  type KeyValueWrite,
  manageKeyValue,
} from "@anywire/core";
import { AnywireError } from "@anywire/types";
import { assertRevision } from "../shared/key-value-conflict.ts";
import { sumOf } from "../shared/key-value-sum.ts";
import { KeyValueBucket, type LastWrite } from "./nats-key-value-bucket.ts";
import type { NatsLink } from "./nats-link.ts";

/** Settings of a key-value store on NATS; each has a default. */
export interface NatsKeyValueOptions {
  /** How many servers keep what is kept: 1 to 5, odd. Default: as many as keep the log. */
  readonly replicas?: number | undefined;
}

/** How long a write is tried again that others are faster than, ms. */
const CONTENTION_MS = 10_000;
/** So many values are read at once. */
const READS_AT_ONCE = 100;

/**
 * A `KeyValueStore` in the JetStream bucket `<prefix>-kv`, on disk. Revisions are sequences of its stream. What is over
 * is judged by the clock of the NATS server. To list takes as long as there are keys with the part of the prefix up to
 * its last full stop; of more than 100,000 such keys, one may be left out while others are deleted.
 */
export function createNatsKeyValue(
  link: NatsLink,
  options: NatsKeyValueOptions = {},
): KeyValueStore {
  return manageKeyValue(new NatsKeyValue(link, options));
}

class NatsKeyValue implements KeyValueStore {
  readonly capabilities = { isDurable: true };
  readonly #link: NatsLink;
  readonly #bucket: KeyValueBucket;
  /** The last addition to each key that is being added to. */
  readonly #adding = new Map<string, Promise<unknown>>();
  #isStarted = false;

  constructor(link: NatsLink, { replicas }: NatsKeyValueOptions) {
    this.#link = link;
    this.#bucket = new KeyValueBucket(link, replicas);
  }

  async start(): Promise<void> {
    await this.#link.start();
    this.#isStarted = true;
    try {
      await this.#bucket.open();
    } catch (error) {
      await this.close();
      throw error;
    }
  }

  async get(key: string): Promise<KeyValue | undefined> {
    return itemOf(key, await this.#bucket.last(key));
  }

  async set(key: string, value: string, { ttlMs, revision }: KeyValueWrite = {}): Promise<number> {
    return this.#change(key, revision, (expected) =>
      this.#bucket.write(key, value, { expected, ttlMs }),
    );
  }

  async delete(key: string, revision?: number): Promise<void> {
    await this.#change(key, revision, async (expected) =>
      // Nobody needs to be told that nothing is gone.
      revision === 0 ? 0 : this.#bucket.write(key, null, { expected }),
    );
  }

  async list({ prefix, after = "", limit }: KeyValueQuery): Promise<KeyValuePage> {
    const items: KeyValue[] = [];
    for (let from = after; ; ) {
      const wanted = limit + 1 - items.length;
      const keys = await this.#bucket.keys(prefix, from, wanted);
      for (let i = 0; i < keys.length; i += READS_AT_ONCE) {
        const reads = keys.slice(i, i + READS_AT_ONCE).map((key) => this.get(key));
        items.push(...(await Promise.all(reads)).filter((item) => item !== undefined));
      }
      if (items.length > limit) return { items: items.slice(0, limit), hasMore: true };
      if (keys.length < wanted) return { items, hasMore: false };
      // Some of these were deleted.
      from = keys.at(-1) ?? from;
    }
  }

  async add(
    key: string,
    delta: number,
    { ttlMs }: Pick<KeyValueWrite, "ttlMs"> = {},
  ): Promise<number> {
    // One after the other on this node, so that only nodes get in each other's way.
    const before = this.#adding.get(key) ?? Promise.resolve();
    const adding = before.catch(() => {}).then(() => this.#add(key, delta, ttlMs));
    this.#adding.set(key, adding);
    try {
      return await adding;
    } finally {
      if (this.#adding.get(key) === adding) this.#adding.delete(key);
    }
  }

  async close(): Promise<void> {
    this.#bucket.close();
    if (this.#isStarted) await this.#link.close();
    this.#isStarted = false;
  }

  #add(key: string, delta: number, ttlMs: number | undefined): Promise<number> {
    return this.#retry(key, async () => {
      const { sequence, value, expiresAt } = await this.#bucket.last(key);
      const sum = sumOf(key, value, delta);
      const end = value === undefined ? { ttlMs } : { expiresAt };
      const written = await this.#bucket.write(key, String(sum), { expected: sequence, ...end });
      return written === null ? null : sum;
    });
  }

  /** Writes, only while the key is at a revision if one is asked for. */
  #change(
    key: string,
    revision: number | undefined,
    write: (expected: number | undefined) => Promise<number | null>,
  ): Promise<number> {
    return this.#retry(key, async () => {
      if (revision === undefined) return await write(undefined);
      const last = await this.#bucket.last(key);
      assertRevision(key, itemOf(key, last), revision);
      // Not always the revision: the bucket may remember a deletion, or what is over.
      return await write(last.sequence);
    });
  }

  /** Tries a write until nobody has been faster. */
  async #retry(key: string, attempt: () => Promise<number | null>): Promise<number> {
    const deadline = performance.now() + CONTENTION_MS;
    do {
      const done = await attempt();
      if (done !== null) return done;
    } while (performance.now() < deadline);
    const message = `too many write what is kept under ${key} at once: try again later`;
    throw new AnywireError("unavailable", message);
  }
}

function itemOf(key: string, { sequence, value }: LastWrite): KeyValue | undefined {
  return value === undefined ? undefined : { key, value, revision: sequence };
}
