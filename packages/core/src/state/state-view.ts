import type { StateAddress, StateItem } from "../ports/state-store.ts";
import type { StateKey } from "./state-key.ts";

/** The state as an entry is folded into it. */
export interface StateView {
  /** Undefined when there is none. */
  get<T>(key: StateKey<T>): T | undefined;
  /** Never change a value that was set or got. */
  set<T>(key: StateKey<T>, value: T): void;
  /** Takes an item away. */
  delete(key: StateKey<unknown>): void;
  /** At most `limit` values of a partition whose `sort` begins with the prefix, in its order. */
  list<T>(partition: string, prefix: string, limit: number): T[];
}

/** Where a driver keeps the state, read from within a commit. */
export interface StateSource {
  /** Undefined when there is none. */
  read(partition: string, sort: string): unknown;
  /** At most `limit` items whose `sort` begins with the prefix, in its order. */
  list(partition: string, prefix: string, limit: number): readonly StateItem[];
}

/** A written item; undefined for one that is gone. */
export type StateWrite = StateAddress & { readonly value: unknown };

/**
 * A view that collects what one entry writes: the driver stores it when the fold is through, and forgets
 * it when the fold refuses.
 */
export class StateBuffer implements StateView {
  readonly #source: StateSource;
  readonly #writes = new Map<string, StateWrite>();

  constructor(source: StateSource) {
    this.#source = source;
  }

  /** What was written, in the order of first writing. */
  get writes(): Iterable<StateWrite> {
    return this.#writes.values();
  }

  /** How many items were written. */
  get size(): number {
    return this.#writes.size;
  }

  /** Forgets what was written. */
  clear(): void {
    this.#writes.clear();
  }

  /** Undefined when there is none. */
  get<T>({ partition, sort }: StateKey<T>): T | undefined {
    const written = this.#writes.get(nameOf(partition, sort));
    return (written === undefined ? this.#source.read(partition, sort) : written.value) as
      | T
      | undefined;
  }

  /** Never change a value that was set or got. */
  set<T>({ partition, sort }: StateKey<T>, value: T): void {
    this.#writes.set(nameOf(partition, sort), { partition, sort, value });
  }

  /** Takes an item away. */
  delete({ partition, sort }: StateKey<unknown>): void {
    this.#writes.set(nameOf(partition, sort), { partition, sort, value: undefined });
  }

  list<T>(partition: string, prefix: string, limit: number): T[] {
    const own = [...this.writes].filter(
      (write) => write.partition === partition && write.sort.startsWith(prefix),
    );
    const found = new Map<string, unknown>();
    // As many more as may have been taken away or come before.
    for (const item of this.#source.list(partition, prefix, limit + own.length)) {
      found.set(item.sort, item.value);
    }
    for (const { sort, value } of own) found.set(sort, value);
    return [...found]
      .filter(([, value]) => value !== undefined)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .slice(0, limit)
      .map(([, value]) => value as T);
  }
}

function nameOf(partition: string, sort: string): string {
  return `${partition}\n${sort}`;
}
