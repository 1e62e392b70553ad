import {
  type KeyValue,
  type KeyValuePage,
  type KeyValueQuery,
  type KeyValueStore,
  type KeyValueWrite,
  manageKeyValue,
} from "@anywire/core";
import { compareUtf8 } from "../shared/compare-utf8.ts";
import { assertRevision } from "../shared/key-value-conflict.ts";
import { sumOf } from "../shared/key-value-sum.ts";

/** A value as it is kept. */
export interface KeptValue {
  readonly value: string;
  /** Grows with each write. */
  readonly revision: number;
  /** When it is over, in the time of `performance.now`. */
  readonly expiresAt: number;
}

/** From so many keys on, those whose time is over are looked for. */
const LEAST_SWEEP = 1_000;

/** What the key-value stores of one process share when they are made with it, as nodes share a cluster. */
export class MemoryKeyValueBackend {
  readonly #items = new Map<string, KeptValue>();
  #lastRevision = 0;
  #sweepAt = LEAST_SWEEP;

  /** What is kept under a key, unless its time is over. */
  read(key: string): KeptValue | undefined {
    const kept = this.#items.get(key);
    if (kept === undefined || kept.expiresAt > performance.now()) return kept;
    this.#items.delete(key);
    return undefined;
  }

  /** Keeps a value; gives its revision. */
  write(key: string, value: string, expiresAt: number): number {
    if (this.#items.size >= this.#sweepAt) this.#sweep();
    this.#lastRevision += 1;
    this.#items.set(key, { value, revision: this.#lastRevision, expiresAt });
    return this.#lastRevision;
  }

  /** Keeps it no more. */
  delete(key: string): void {
    this.#items.delete(key);
  }

  /** Every key, those included whose time is over. */
  keys(): string[] {
    return [...this.#items.keys()];
  }

  /** Seldom enough that a write pays for one look, however many keys there are. */
  #sweep(): void {
    for (const key of this.keys()) this.read(key);
    this.#sweepAt = Math.max(LEAST_SWEEP, 2 * this.#items.size);
  }
}

/** A `KeyValueStore` within one process, whose clock is never set back. */
export function createMemoryKeyValue(
  backend: MemoryKeyValueBackend = new MemoryKeyValueBackend(),
): KeyValueStore {
  return manageKeyValue(new MemoryKeyValue(backend));
}

class MemoryKeyValue implements KeyValueStore {
  readonly capabilities = { isDurable: false };
  readonly #backend: MemoryKeyValueBackend;

  constructor(backend: MemoryKeyValueBackend) {
    this.#backend = backend;
  }

  async start(): Promise<void> {}

  async get(key: string): Promise<KeyValue | undefined> {
    const kept = this.#backend.read(key);
    return kept && { key, value: kept.value, revision: kept.revision };
  }

  async set(key: string, value: string, write: KeyValueWrite = {}): Promise<number> {
    assertRevision(key, this.#backend.read(key), write.revision);
    return this.#backend.write(key, value, endOf(write.ttlMs));
  }

  async delete(key: string, revision?: number): Promise<void> {
    assertRevision(key, this.#backend.read(key), revision);
    this.#backend.delete(key);
  }

  async list({ prefix, after = "", limit }: KeyValueQuery): Promise<KeyValuePage> {
    const items: KeyValue[] = [];
    for (const key of this.#backend.keys().sort(compareUtf8)) {
      if (!key.startsWith(prefix) || compareUtf8(key, after) <= 0) continue;
      const item = await this.get(key);
      if (item === undefined) continue;
      if (items.length === limit) return { items, hasMore: true };
      items.push(item);
    }
    return { items, hasMore: false };
  }

  async add(
    key: string,
    delta: number,
    { ttlMs }: Pick<KeyValueWrite, "ttlMs"> = {},
  ): Promise<number> {
    const kept = this.#backend.read(key);
    const sum = sumOf(key, kept?.value, delta);
    this.#backend.write(key, String(sum), kept?.expiresAt ?? endOf(ttlMs));
    return sum;
  }

  async close(): Promise<void> {}
}

function endOf(ttlMs: number | undefined): number {
  return performance.now() + (ttlMs ?? Number.POSITIVE_INFINITY);
}
