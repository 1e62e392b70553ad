import type { StateAddress, StateItem } from "@anywire/core";
import type { StateSource, StateWrite } from "@anywire/core/state";
import { compareUtf8 } from "../shared/compare-utf8.ts";

/** Items of one partition, with those keys sorted that were asked for. */
interface Partition {
  readonly values: Map<string, unknown>;
  /** Null when a key came or went since they were sorted. */
  sorted: readonly string[] | null;
}

/** Which items of a partition to find. */
export interface ItemRange {
  readonly prefix: string;
  readonly after?: string | undefined;
  readonly before?: string | undefined;
  readonly order: "asc" | "desc";
}

/** The items of a state in memory. */
export class MemoryStateItems implements StateSource {
  readonly #partitions = new Map<string, Partition>();

  read(partition: string, sort: string): unknown {
    return this.#partitions.get(partition)?.values.get(sort);
  }

  list(partition: string, prefix: string, limit: number): StateItem[] {
    return this.find(partition, { prefix, order: "asc" }, limit);
  }

  /** At most `limit` items of a partition in the order asked for. */
  find(partition: string, { prefix, after, before, order }: ItemRange, limit: number): StateItem[] {
    const found: StateItem[] = [];
    const sorts = this.#sorted(partition);
    const isWanted = (sort: string): boolean =>
      sort.startsWith(prefix) &&
      (after === undefined || compareUtf8(sort, after) > 0) &&
      (before === undefined || compareUtf8(sort, before) < 0);
    const step = order === "asc" ? 1 : -1;
    for (let i = step > 0 ? 0 : sorts.length - 1; i >= 0 && i < sorts.length; i += step) {
      const sort = sorts[i] ?? "";
      if (!isWanted(sort)) continue;
      if (found.length === limit) break;
      found.push({ partition, sort, value: this.read(partition, sort) });
    }
    return found;
  }

  /** Stores what was written. */
  write(writes: Iterable<StateWrite>): void {
    for (const { partition, sort, value } of writes) {
      const items = this.#partitions.get(partition) ?? { values: new Map(), sorted: null };
      this.#partitions.set(partition, items);
      const isThere = items.values.has(sort);
      if (value === undefined) items.values.delete(sort);
      else items.values.set(sort, value);
      if (isThere !== (value !== undefined)) items.sorted = null;
    }
  }

  /** At most `limit` items after an address, by partition and sort. */
  dump(after: StateAddress | undefined, limit: number): StateItem[] {
    const found: StateItem[] = [];
    for (const partition of [...this.#partitions.keys()].sort(compareUtf8)) {
      const place = after === undefined ? 1 : compareUtf8(partition, after.partition);
      if (place < 0) continue;
      const range = {
        prefix: "",
        order: "asc",
        after: place === 0 ? after?.sort : undefined,
      } as const;
      found.push(...this.find(partition, range, limit - found.length));
      if (found.length >= limit) break;
    }
    return found;
  }

  #sorted(partition: string): readonly string[] {
    const items = this.#partitions.get(partition);
    if (items === undefined) return [];
    items.sorted ??= [...items.values.keys()].sort(compareUtf8);
    return items.sorted;
  }
}
