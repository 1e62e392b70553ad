import { AnywireError } from "@anywire/types";
import type { FunctionKeyValue, KeepOptions, Kept, ListKeysOptions } from "../context.ts";
import {
  checkAddend,
  checkKeepOptions,
  checkKey,
  checkListOptions,
  checkRevision,
  toValueJson,
} from "../key-value-bounds.ts";

interface Item {
  readonly json: string;
  readonly revision: number;
  readonly expiresAt: number;
}

/** What functions remember, in memory; what has a TTL goes by the clock of the test. */
export class TestKeyValue implements FunctionKeyValue {
  readonly #items = new Map<string, Item>();
  readonly #now: () => number;
  #lastRevision = 0;

  constructor(now: () => number, values: Readonly<Record<string, unknown>> = {}) {
    this.#now = now;
    for (const [key, value] of Object.entries(values)) {
      this.#write(checkKey(key), toValueJson(key, value), Number.POSITIVE_INFINITY);
    }
  }

  /** All that is kept, by key. */
  values(): Record<string, unknown> {
    return Object.fromEntries(this.#keys().map((key) => [key, this.#value(key)]));
  }

  async get<V = unknown>(key: string): Promise<V | undefined> {
    return (await this.read<V>(key))?.value;
  }

  async read<V = unknown>(key: string): Promise<Kept<V> | undefined> {
    const item = this.#item(checkKey(key));
    return item && { value: JSON.parse(item.json) as V, revision: item.revision };
  }

  async set(key: string, value: unknown, options?: KeepOptions): Promise<void> {
    this.#write(checkKey(key), toValueJson(key, value), this.#endOf(options));
  }

  async delete(key: string): Promise<void> {
    this.#items.delete(checkKey(key));
  }

  async list(options?: ListKeysOptions): Promise<readonly string[]> {
    const { prefix, after, limit } = checkListOptions(options);
    return this.#keys()
      .filter((key) => key.startsWith(prefix) && compareKeys(key, after) > 0)
      .slice(0, limit);
  }

  async increment(key: string, by = 1, options?: KeepOptions): Promise<number> {
    const item = this.#item(checkKey(key));
    const sum = sumOf(key, this.#value(key) ?? 0, checkAddend(by));
    const expiresAt = this.#endOf(options);
    this.#write(key, String(sum), item?.expiresAt ?? expiresAt);
    return sum;
  }

  async compareAndSet(
    key: string,
    revision: number,
    value: unknown,
    options?: KeepOptions,
  ): Promise<boolean> {
    const actual = this.#item(checkKey(key))?.revision ?? 0;
    const json = toValueJson(key, value);
    const expiresAt = this.#endOf(options);
    if (checkRevision(revision) !== actual) return false;
    this.#write(key, json, expiresAt);
    return true;
  }

  /** Those that are there, in their order as UTF-8. */
  #keys(): string[] {
    return [...this.#items.keys()].filter((key) => this.#item(key) !== undefined).sort(compareKeys);
  }

  #value(key: string): unknown {
    const item = this.#item(key);
    return item && JSON.parse(item.json);
  }

  #item(key: string): Item | undefined {
    const item = this.#items.get(key);
    return item !== undefined && item.expiresAt > this.#now() ? item : undefined;
  }

  #write(key: string, json: string, expiresAt: number): void {
    this.#lastRevision += 1;
    this.#items.set(key, { json, revision: this.#lastRevision, expiresAt });
  }

  #endOf(options: KeepOptions | undefined): number {
    const { ttlMs = Number.POSITIVE_INFINITY } = checkKeepOptions(options);
    return this.#now() + ttlMs;
  }
}

function sumOf(key: string, kept: unknown, by: number): number {
  if (!Number.isSafeInteger(kept)) {
    throw new AnywireError("bad_request", `what is kept under ${key} is no whole number`);
  }
  const sum = (kept as number) + by;
  if (Number.isSafeInteger(sum)) return sum;
  throw new AnywireError("bad_request", `the sum under ${key} would be too large to be exact`);
}

/** As UTF-8 sorts, which is as code points do. */
function compareKeys(a: string, b: string): number {
  const x = [...a];
  const y = [...b];
  const at = x.findIndex((character, i) => character !== y[i]);
  if (at < 0) return x.length - y.length;
  return (x[at]?.codePointAt(0) ?? 0) - (y[at]?.codePointAt(0) ?? -1);
}
