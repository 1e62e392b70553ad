import type { KeyValueStore, KeyValueWrite } from "@anywire/core";
import { AnywireError } from "@anywire/types";
import type { KeepOptions, ListKeysOptions } from "../../author/context.ts";
import {
  checkAddend,
  checkKeepOptions,
  checkKey,
  checkListOptions,
  checkRevision,
  toValueJson,
} from "../../author/key-value-bounds.ts";
import type { CallMethod } from "../run.ts";
import type { HostCallTable } from "./host-arguments.ts";
import { KeyBudget } from "./key-budget.ts";

/** What calls on the key-value store need. */
export interface KeyValueCallsOptions {
  readonly kv: KeyValueStore;
  /** Keys of one platform. */
  readonly maxKeys: number;
}

/** `kv` of functions on the store that all nodes share: any JSON, each platform for itself. */
export function keyValueCalls(
  options: KeyValueCallsOptions,
): HostCallTable<Extract<CallMethod, `kv.${string}`>> {
  const spaces = new Map<string, KeySpace>();
  const of = (platform: string): KeySpace => {
    let space = spaces.get(platform);
    if (space === undefined) {
      space = new KeySpace(options, platform);
      spaces.set(platform, space);
    }
    return space;
  };
  return {
    "kv.read": ({ platform }, [key]) => of(platform).read(key),
    "kv.set": ({ platform }, [key, value, keep]) => of(platform).write(key, value, toKeep(keep)),
    "kv.delete": ({ platform }, [key]) => of(platform).delete(key),
    "kv.list": ({ platform }, [query]) => of(platform).list(query),
    "kv.increment": ({ platform }, [key, by, keep]) =>
      of(platform).increment(key, by ?? 1, toKeep(keep)),
    "kv.compareAndSet": ({ platform }, [key, revision, value, keep]) =>
      of(platform).compareAndSet(key, revision, value, toKeep(keep)),
  };
}

/** The keys of one platform. */
class KeySpace {
  readonly #kv: KeyValueStore;
  readonly #prefix: string;
  readonly #budget: KeyBudget;

  constructor({ kv, maxKeys }: KeyValueCallsOptions, platform: string) {
    this.#kv = kv;
    this.#prefix = `fn.${platform}.`;
    this.#budget = new KeyBudget({ kv, maxKeys, prefix: this.#prefix });
  }

  async read(key: unknown): Promise<unknown> {
    const kept = await this.#kv.get(this.#full(key));
    return kept && { value: JSON.parse(kept.value), revision: kept.revision };
  }

  async write(key: unknown, value: unknown, how: KeyValueWrite): Promise<void> {
    const full = this.#full(key);
    const text = toValueJson(String(key), value);
    await this.#budget.take(full);
    await this.#kv.set(full, text, how);
  }

  async delete(key: unknown): Promise<void> {
    const full = this.#full(key);
    await this.#kv.delete(full);
    this.#budget.free(full);
  }

  async list(query: unknown): Promise<readonly string[]> {
    const { prefix, after, limit } = checkListOptions((query ?? undefined) as ListKeysOptions);
    const { items } = await this.#kv.list({
      prefix: this.#prefix + prefix,
      limit,
      ...(after === "" ? {} : { after: this.#prefix + after }),
    });
    return items.map((kept) => kept.key.slice(this.#prefix.length));
  }

  async increment(key: unknown, by: unknown, how: KeepOptions): Promise<number> {
    const full = this.#full(key);
    const addend = checkAddend(by);
    await this.#budget.take(full);
    return await this.#kv.add(full, addend, how);
  }

  async compareAndSet(
    key: unknown,
    revision: unknown,
    value: unknown,
    how: KeepOptions,
  ): Promise<boolean> {
    try {
      await this.write(key, value, { ...how, revision: checkRevision(revision) });
      return true;
    } catch (error) {
      if (error instanceof AnywireError && error.code === "conflict") return false;
      throw error;
    }
  }

  #full(key: unknown): string {
    return this.#prefix + checkKey(key);
  }
}

function toKeep(given: unknown): KeepOptions {
  return checkKeepOptions((given ?? undefined) as KeepOptions | undefined);
}
