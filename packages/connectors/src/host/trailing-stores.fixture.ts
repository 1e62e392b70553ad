import type { LateStateStore, Log, StateFreshness, StateStore } from "@anywire/core";
import { createMemoryLog, createMemoryState, MemoryLogBackend } from "@anywire/engines/memory";

/** Stores of which a node has some. */
interface Stores {
  readonly log: Log;
  readonly state: StateStore;
}

/**
 * The stores of a node whose state comes along after the log, as late as it may: when the node itself appended, or a read asks for
 * more than there is.
 */
export function trailingStores<S extends Stores>(
  stores: S,
): S & { readonly state: LateStateStore } {
  const { log, state: present } = stores;
  const backend = new MemoryLogBackend();
  const [copy, state] = [createMemoryLog(backend), createMemoryState(backend)];
  let own = 0;
  let coming: Promise<void> = Promise.resolve();
  const append = log.append.bind(log);
  Object.assign(log, {
    append: async (draft: Parameters<typeof append>[0]) => {
      const appended = await append(draft);
      own = Math.max(own, appended.entry.offset);
      return appended;
    },
  });
  const comeAlong = async (): Promise<void> => {
    const after = await state.position();
    const { entries } = await log.read({ pattern: ">", after, limit: 1_000, order: "asc" });
    for (const { offset: _, previousOffset: _p, at: _a, timetoken: _t, ...draft } of entries) {
      await copy.append(draft);
    }
  };
  const reach = async ({ atLeast = 0 }: StateFreshness): Promise<void> => {
    await coming;
    if (Math.max(own, atLeast) <= (await state.position())) return;
    coming = coming.then(comeAlong);
    await coming;
  };
  const late: LateStateStore = {
    capabilities: { isWrittenWithLog: false },
    async start() {
      await Promise.all([present.start(), copy.start(), state.start()]);
      await comeAlong();
    },
    async get(addresses, freshness = {}) {
      await reach(freshness);
      return await state.get(addresses);
    },
    async list({ atLeast = 0, ...query }) {
      await reach({ atLeast });
      return await state.list(query);
    },
    async refusalOf(offset) {
      await reach({ atLeast: offset });
      return undefined;
    },
    position: () => state.position(),
    project: async () => {},
    watch: (watcher) => present.watch(watcher),
    dump: (after, limit) => state.dump(after, limit),
    rebuild: (onProgress) => state.rebuild(onProgress),
    close: () => present.close(),
  };
  return { ...stores, state: late };
}
