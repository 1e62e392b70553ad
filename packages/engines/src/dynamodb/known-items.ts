import type { StateAddress } from "@anywire/core";
import type { Version } from "./state-row.ts";

/** An item as a projection knows it. */
export class KnownItem implements Version {
  readonly version: number;
  readonly json: string | undefined;
  #value: unknown;

  constructor({ version, json }: Version) {
    this.version = version;
    this.json = json;
  }

  /** Undefined when there is no such item. Always read from the JSON, so that every node folds the same. */
  get value(): unknown {
    if (this.#value === undefined && this.json !== undefined) this.#value = JSON.parse(this.json);
    return this.#value;
  }
}

/** What has no row. */
export const ABSENT: KnownItem = new KnownItem({ version: 0, json: undefined });

/** Remembered items, and characters of JSON in them. */
const MAX_ITEMS = 100_000;
const MAX_LENGTH = 64 * 1024 * 1024;

/** Items as they are at a projection's position: those used last, so that a busy channel is not read again. */
export class KnownItems {
  readonly #items = new Map<string, KnownItem>();
  #length = 0;

  get(name: string): KnownItem | undefined {
    const item = this.#items.get(name);
    if (item === undefined) return undefined;
    // Behind the others: the first in the map is the one that was not used for the longest time.
    this.#items.delete(name);
    this.#items.set(name, item);
    return item;
  }

  set(name: string, item: KnownItem): void {
    this.#length += lengthOf(name, item);
    const old = this.#items.get(name);
    if (old !== undefined) this.#length -= lengthOf(name, old);
    this.#items.delete(name);
    this.#items.set(name, item);
    for (const [first, oldest] of this.#items) {
      if (this.#items.size <= MAX_ITEMS && this.#length <= MAX_LENGTH) return;
      this.#items.delete(first);
      this.#length -= lengthOf(first, oldest);
    }
  }

  clear(): void {
    this.#items.clear();
    this.#length = 0;
  }
}

/** Names an item among all. */
export function itemName({ partition, sort }: StateAddress): string {
  return `${partition}\n${sort}`;
}

function lengthOf(name: string, { json = "" }: KnownItem): number {
  return name.length + json.length;
}
