import {
  type Listening,
  type LogEntry,
  manageState,
  type RebuildProgress,
  type StateAddress,
  type StateFreshness,
  type StateItem,
  type StatePage,
  type StateQuery,
  type StateStore,
  type StateValues,
  type StateWatcher,
} from "@anywire/core";
import { AnywireError } from "@anywire/types";
import { hearAll } from "../shared/hear-all.ts";
import type { MemoryLogBackend } from "./memory-log-backend.ts";

/** The state that follows from a memory log: written as soon as an entry is. */
export function createMemoryState(backend: MemoryLogBackend): StateStore {
  return manageState(new MemoryStateStore(backend));
}

class MemoryStateStore implements StateStore {
  readonly capabilities = { isWrittenWithLog: true };
  readonly #backend: MemoryLogBackend;
  readonly #stops = new Set<() => void>();

  constructor(backend: MemoryLogBackend) {
    this.#backend = backend;
  }

  async start(): Promise<void> {}

  async get(
    addresses: readonly StateAddress[],
    freshness: StateFreshness = {},
  ): Promise<StateValues> {
    this.#assertReached(freshness);
    const { state } = this.#backend;
    const values = addresses.map(({ partition, sort }) => state.read(partition, sort));
    return { values, position: this.#backend.head(">") };
  }

  async list(query: StateQuery): Promise<StatePage> {
    this.#assertReached(query);
    const { partition, prefix, follow, limit = Number.MAX_SAFE_INTEGER, order = "asc" } = query;
    const range = { prefix, after: query.after, before: query.before, order };
    const found = this.#backend.state.find(partition, range, limit + 1);
    const items = found.slice(0, limit);
    const followed = items.map(({ sort }) =>
      follow === undefined
        ? undefined
        : this.#backend.state.read(sort.slice(prefix.length), follow),
    );
    const hasMore = found.length > limit;
    return { items, followed, hasMore, position: this.#backend.head(">") };
  }

  async position(): Promise<number> {
    return this.#backend.head(">");
  }

  async project(_entries: readonly LogEntry[]): Promise<void> {
    throw new AnywireError("unsupported", "the state is written with the log: append to that");
  }

  watch(watcher: StateWatcher): Listening {
    const unwatch = this.#backend.watch((change) => watcher.onChange(change));
    const stop = (): void => {
      unwatch();
      this.#stops.delete(stop);
    };
    this.#stops.add(stop);
    return hearAll(stop);
  }

  async dump(after: StateAddress | undefined, limit: number): Promise<readonly StateItem[]> {
    return this.#backend.state.dump(after, limit);
  }

  async rebuild(onProgress?: (progress: RebuildProgress) => void): Promise<RebuildProgress> {
    const head = this.#backend.rebuildState();
    const progress = { entries: head, offset: head, head };
    onProgress?.(progress);
    return progress;
  }

  async close(): Promise<void> {
    for (const stop of this.#stops) stop();
  }

  #assertReached({ atLeast = 0 }: StateFreshness): void {
    if (atLeast <= this.#backend.head(">")) return;
    throw new AnywireError("unavailable", `the log has no entry ${atLeast} yet: try again later`);
  }
}
