import type {
  Listening,
  LogEntry,
  RebuildProgress,
  StateAddress,
  StateChange,
  StateFreshness,
  StateItem,
  StatePage,
  StateQuery,
  StateStore,
  StateValues,
  StateWatcher,
} from "@anywire/core";
import { AnywireError } from "@anywire/types";
import { hearAll } from "../shared/hear-all.ts";
import type { StateReadRequest, StateReadResult } from "./reader-messages.ts";
import { rebuildSqliteState } from "./sqlite-maintenance.ts";
import type { SqliteReader } from "./sqlite-reader.ts";

/** Values of one item in the answer to a list. */
const LIST_FIELDS = 3;
/** How long a read waits for an entry that another process is about to store, ms. */
const MAX_WAIT_MS = 5_000;
const RETRY_MS = 20;

/** The state in the log's own database, written in the log's own transactions. */
export class SqliteStateStore implements StateStore {
  readonly capabilities = { isWrittenWithLog: true };
  readonly #reader: SqliteReader;
  readonly #directory: string;
  readonly #watchers = new Set<(change: StateChange) => void>();

  constructor(reader: SqliteReader, directory: string) {
    this.#reader = reader;
    this.#directory = directory;
  }

  /** Whether anybody wants to know of changes. */
  get isWatched(): boolean {
    return this.#watchers.size > 0;
  }

  /** Tells those who watch. */
  tell(change: StateChange): void {
    for (const deliver of this.#watchers) deliver(change);
  }

  async start(): Promise<void> {}

  async get(
    addresses: readonly StateAddress[],
    freshness: StateFreshness = {},
  ): Promise<StateValues> {
    const flat = addresses.flatMap(({ partition, sort }) => [partition, sort]);
    const { rows, position } = await this.#read({ type: "stateGet", addresses: flat }, freshness);
    return { values: rows.map(parse), position };
  }

  async list(query: StateQuery): Promise<StatePage> {
    const { partition, prefix, after, before, limit, order = "asc", follow = null } = query;
    const { rows, hasMore, position } = await this.#read(
      { type: "stateList", partition, prefix, after, before, limit, order, follow },
      query,
    );
    const items: StateItem[] = [];
    const followed: unknown[] = [];
    for (let i = 0; i < rows.length; i += LIST_FIELDS) {
      items.push({ partition, sort: rows[i] ?? "", value: parse(rows[i + 1] ?? null) });
      followed.push(parse(rows[i + 2] ?? null));
    }
    return { items, followed, hasMore, position };
  }

  async position(): Promise<number> {
    return (await this.#read({ type: "statePosition" }, {})).position;
  }

  async project(_entries: readonly LogEntry[]): Promise<void> {
    throw new AnywireError("unsupported", "the state is written with the log: append to that");
  }

  watch(watcher: StateWatcher): Listening {
    // A function of its own, so that one watcher can watch twice.
    const own = (change: StateChange): void => watcher.onChange(change);
    this.#watchers.add(own);
    return hearAll(() => void this.#watchers.delete(own));
  }

  async dump(after: StateAddress | undefined, limit: number): Promise<readonly StateItem[]> {
    const from = after === undefined ? null : ([after.partition, after.sort] as const);
    const { rows } = await this.#read({ type: "stateDump", after: from, limit }, {});
    const items: StateItem[] = [];
    for (let i = 0; i < rows.length; i += LIST_FIELDS) {
      const [partition = "", sort = "", value = null] = rows.slice(i, i + LIST_FIELDS);
      items.push({ partition: partition ?? "", sort: sort ?? "", value: parse(value) });
    }
    return items;
  }

  async rebuild(onProgress?: (progress: RebuildProgress) => void): Promise<RebuildProgress> {
    return (
      await rebuildSqliteState(this.#directory, onProgress === undefined ? {} : { onProgress })
    ).progress;
  }

  async close(): Promise<void> {
    this.#watchers.clear();
  }

  async #read(
    request: StateReadRequest,
    { atLeast = 0 }: StateFreshness,
  ): Promise<StateReadResult> {
    const deadline = performance.now() + MAX_WAIT_MS;
    for (;;) {
      const result = await this.#reader.readState(request);
      if (result.position >= atLeast) return result;
      if (performance.now() > deadline) {
        throw new AnywireError(
          "unavailable",
          `the log has no entry ${atLeast} yet: try again later`,
        );
      }
      await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
    }
  }
}

function parse(json: string | null): unknown {
  return json === null ? undefined : JSON.parse(json);
}
