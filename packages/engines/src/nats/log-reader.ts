import type { LogEntry, LogPage, LogQuery } from "@anywire/core";
import { isWildcard } from "@anywire/types";
import { countWithin } from "../shared/count-within.ts";
import { queryTest } from "../shared/query-test.ts";
import type { EntryReader } from "./entry-reader.ts";

/** Entries asked for at once. */
const MAX_BATCH = 1_000;
/** How a window over the log grows while it shows too little, and shrinks when it shows too much. */
const GROWTH = 8;

/** Reads pages of the log. The stream is read upwards only: pages downwards are made of windows that each lie below the last. */
export class LogReader {
  readonly #entries: EntryReader;

  constructor(entries: EntryReader) {
    this.#entries = entries;
  }

  /** Entries in the order asked for. */
  async read(query: LogQuery): Promise<LogPage> {
    const { limit, maxLength, order } = query;
    const found = order === "asc" ? await this.#upwards(query) : await this.#downwards(query);
    const count = Math.min(limit, countWithin(found, maxLength));
    return { entries: found.slice(0, count), hasMore: found.length > count };
  }

  /** Offset of the last entry of a channel, or, for a wildcard pattern, of the whole log; `0` for none. */
  async head(pattern: string): Promise<number> {
    if (isWildcard(pattern)) return await this.#entries.head();
    return (await this.#entries.last(pattern))?.entry.offset ?? 0;
  }

  /** At most one entry more than the page holds. */
  async #upwards(query: LogQuery): Promise<LogEntry[]> {
    const { pattern, after = 0, before = Number.POSITIVE_INFINITY, limit, maxLength } = query;
    const matches = queryTest(query);
    const found: LogEntry[] = [];
    let from = Math.max(0, after) + 1;
    while (found.length <= limit && from < before) {
      const count = Math.min(limit + 1 - found.length, before - from, MAX_BATCH);
      const page = await this.#entries.page(pattern, { seq: from }, count);
      const inside = page.entries.filter(
        ({ offset, channel }) => offset < before && matches(channel),
      );
      found.push(...inside);
      const last = page.entries.at(-1);
      if (!page.hasMore || last === undefined || isLongerThan(found, maxLength)) break;
      from = last.offset + 1;
    }
    return found;
  }

  async #downwards(query: LogQuery): Promise<LogEntry[]> {
    const { pattern, after = 0, before = Number.POSITIVE_INFINITY, limit, maxLength } = query;
    const matches = queryTest(query);
    const least = Math.max(0, after) + 1;
    const isOneChannel = !isWildcard(pattern);
    const found: LogEntry[] = [];
    const head = await this.head(pattern);
    let end = Math.min(before, head + 1);
    let size = 0;
    while (found.length <= limit && least < end && !isLongerThan(found, maxLength)) {
      const want = Math.min(limit + 1 - found.length, MAX_BATCH);
      // As many offsets as a window may hold entries are never too many, so that this comes to an end.
      size = Math.max(size, 2 * want);
      const from = Math.max(least, end - size);
      const window = await this.#window(pattern, from, end, 2 * want + 1);
      if (window === null) {
        size = Math.floor((end - from) / GROWTH);
        continue;
      }
      for (const entry of window.toReversed()) if (matches(entry.channel)) found.push(entry);
      const [oldest] = window;
      // The channel's entry before is known: nothing of it lies between.
      end = isOneChannel && oldest !== undefined ? oldest.previousOffset + 1 : from;
      if (window.length < want) size *= GROWTH;
    }
    return found.slice(0, limit + 1);
  }

  /** All entries between two offsets, the second not included; null when `count` do not hold them. */
  async #window(
    pattern: string,
    from: number,
    end: number,
    count: number,
  ): Promise<LogEntry[] | null> {
    const inside: LogEntry[] = [];
    for (let next = from; ; ) {
      const rest = count - inside.length;
      const { entries, hasMore } = await this.#entries.page(pattern, { seq: next }, rest);
      inside.push(...entries.filter(({ offset }) => offset < end));
      const last = entries.at(-1);
      if (!hasMore || last === undefined || last.offset >= end - 1) return inside;
      if (inside.length === count) return null;
      next = last.offset + 1;
    }
  }
}

function isLongerThan(entries: readonly LogEntry[], maxLength: number | undefined): boolean {
  return maxLength !== undefined && countWithin(entries, maxLength) < entries.length;
}
