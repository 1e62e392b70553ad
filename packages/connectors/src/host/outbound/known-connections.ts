import type { KeyValueStore } from "@anywire/core";

/** A connection, and whose it is. */
export interface KnownConnection {
  readonly id: string;
  readonly platform: string;
}

const PREFIX = "outbound.connection.";
const PAGE = 1_000;

/**
 * The connections that something may wait for, also those that were removed while nobody looked: what waits for them has to fail,
 * or it would wait for ever.
 */
export class KnownConnections {
  readonly #kv: KeyValueStore;
  readonly #remembered = new Set<string>();

  constructor(kv: KeyValueStore) {
    this.#kv = kv;
  }

  async list(): Promise<KnownConnection[]> {
    const found: KnownConnection[] = [];
    for (let after: string | undefined; ; ) {
      const query = { prefix: PREFIX, limit: PAGE, ...(after === undefined ? {} : { after }) };
      const { items, hasMore } = await this.#kv.list(query);
      for (const { key, value } of items) {
        found.push({ id: key.slice(PREFIX.length), platform: value });
      }
      after = items.at(-1)?.key;
      if (!hasMore || after === undefined) break;
    }
    for (const { id } of found) this.#remembered.add(id);
    return found;
  }

  async remember(connections: Iterable<KnownConnection>): Promise<void> {
    for (const { id, platform } of connections) {
      if (this.#remembered.has(id)) continue;
      await this.#kv.set(PREFIX + id, platform);
      this.#remembered.add(id);
    }
  }

  async forget(id: string): Promise<void> {
    this.#remembered.delete(id);
    await this.#kv.delete(PREFIX + id);
  }
}
