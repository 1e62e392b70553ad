import type {
  Appended,
  EntryDraft,
  LogEntry,
  LogPage,
  LogQuery,
  StateChange,
  StateItem,
} from "@anywire/core";
import { foldEntry, isWatched, StateBuffer } from "@anywire/core/state";
import { isWildcard } from "@anywire/types";
import { type EntryTime, nextEntryTime } from "../shared/channel-clock.ts";
import { countWithin } from "../shared/count-within.ts";
import { createLogEntry } from "../shared/log-entry.ts";
import { queryTest } from "../shared/query-test.ts";
import { MemoryConsumerStore } from "./memory-consumer-store.ts";
import { MemoryStateItems } from "./memory-state-items.ts";

interface StoredChannel {
  readonly entries: LogEntry[];
  readonly byId: Map<string, LogEntry>;
  time: EntryTime;
}

/** Settings of what memory logs share. */
export interface MemoryLogBackendOptions {
  /** Whether the state is written with the log. Without, it is a log alone, for a state kept elsewhere. Default true. */
  readonly foldsState?: boolean;
}

/** What the logs of one process share when they are made with it, as nodes share a cluster. */
export class MemoryLogBackend {
  readonly epoch: string = crypto.randomUUID();
  /** All entries; the one with offset `n` at index `n - 1`. */
  readonly #entries: LogEntry[] = [];
  readonly #channels = new Map<string, StoredChannel>();
  readonly #tails = new Set<(entry: LogEntry) => void>();
  readonly #watchers = new Set<(change: StateChange) => void>();
  readonly #foldsState: boolean;
  #state = new MemoryStateItems();
  /** The durable consumers of this log. @internal */
  readonly consumers: MemoryConsumerStore = new MemoryConsumerStore(this.#entries);

  constructor({ foldsState = true }: MemoryLogBackendOptions = {}) {
    this.#foldsState = foldsState;
  }

  /** Stores an entry at the time `now`, unless its channel has the id already, and tells every tail. */
  append(draft: EntryDraft, now: number): Appended {
    const channel = this.#channels.get(draft.channel);
    const stored = channel?.byId.get(draft.id);
    if (stored !== undefined) return { entry: stored, isNew: false };
    const time = nextEntryTime(channel?.time, now);
    const previousOffset = channel?.entries.at(-1)?.offset ?? 0;
    const offset = this.#entries.length + 1;
    const entry = createLogEntry(draft, offset, previousOffset, time.at, time.tick);
    const change = this.#foldsState ? this.#fold(entry) : undefined;
    this.#store(entry, channel, time);
    if (change !== undefined) for (const deliver of this.#watchers) deliver(change);
    for (const deliver of this.#tails) deliver(entry);
    return { entry, isNew: true };
  }

  /** What follows from the entries. @internal */
  get state(): MemoryStateItems {
    return this.#state;
  }

  /** Makes the state again; returns the offset of the last entry. */
  rebuildState(): number {
    this.#state = new MemoryStateItems();
    for (const entry of this.#entries) this.#fold(entry);
    return this.#entries.length;
  }

  /** Entries in the order asked for. */
  read(query: LogQuery): LogPage {
    const {
      pattern,
      after = 0,
      before = Number.POSITIVE_INFINITY,
      limit,
      maxLength,
      order,
    } = query;
    const entries = isWildcard(pattern)
      ? this.#entries
      : (this.#channels.get(pattern)?.entries ?? []);
    const matches = queryTest(query);
    const start = firstIndexFrom(entries, after + 1);
    const end = firstIndexFrom(entries, before);
    const found: LogEntry[] = [];
    const step = order === "asc" ? 1 : -1;
    for (
      let i = step > 0 ? start : end - 1;
      i >= start && i < end && found.length <= limit;
      i += step
    ) {
      const entry = entries[i];
      if (entry !== undefined && matches(entry.channel)) found.push(entry);
    }
    const count = Math.min(limit, countWithin(found, maxLength));
    return { entries: found.slice(0, count), hasMore: found.length > count };
  }

  /** Offset of the last entry of a channel, or of all for a wildcard; `0` for none. */
  head(pattern: string): number {
    if (isWildcard(pattern)) return this.#entries.length;
    return this.#channels.get(pattern)?.entries.at(-1)?.offset ?? 0;
  }

  /** Calls `deliver` with every new entry until the returned function is called. */
  tail(deliver: (entry: LogEntry) => void): () => void {
    // A function of its own, so that one `deliver` can tail twice.
    const own = (entry: LogEntry): void => deliver(entry);
    this.#tails.add(own);
    return () => void this.#tails.delete(own);
  }

  /** Calls `deliver` with every change of the state until the returned function is called. */
  watch(deliver: (change: StateChange) => void): () => void {
    // A function of its own, so that one `deliver` can watch twice.
    const own = (change: StateChange): void => deliver(change);
    this.#watchers.add(own);
    return () => void this.#watchers.delete(own);
  }

  /** Throws when the fold refuses the entry: nothing has changed then. */
  #fold(entry: LogEntry): StateChange | undefined {
    const buffer = new StateBuffer(this.#state);
    foldEntry(buffer, entry);
    if (buffer.size === 0) return undefined;
    this.#state.write(buffer.writes);
    return { entry, items: [...buffer.writes].filter(isWatchedItem) };
  }

  #store(entry: LogEntry, channel: StoredChannel | undefined, time: EntryTime): void {
    this.#entries.push(entry);
    if (channel === undefined) {
      const byId = new Map([[entry.id, entry]]);
      this.#channels.set(entry.channel, { entries: [entry], byId, time });
      return;
    }
    channel.entries.push(entry);
    channel.byId.set(entry.id, entry);
    channel.time = time;
  }
}

function isWatchedItem(write: {
  readonly sort: string;
  readonly value: unknown;
}): write is StateItem {
  return write.value !== undefined && isWatched(write.sort);
}

/** Index of the first entry whose offset is at least `offset`; entries are sorted by it. */
function firstIndexFrom(entries: readonly LogEntry[], offset: number): number {
  let low = 0;
  let high = entries.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((entries[middle]?.offset ?? 0) < offset) low = middle + 1;
    else high = middle;
  }
  return low;
}
