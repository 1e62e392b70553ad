import { createMemoryLog, createMemoryState, MemoryLogBackend } from "@anywire/engines/memory";
import type { Log } from "../ports/log.ts";
import type { LateStateStore, StateFreshness } from "../ports/state-store.ts";

/** A log, and a state that stands still until it is told to come along. */
export interface TrailingState {
  readonly log: Log;
  readonly state: LateStateStore;
  /** Whether somebody waits for it to come along. */
  readonly isAwaited: boolean;
  /** Takes all that is in the log into the state, which must refuse none of it. */
  comeAlong(): Promise<void>;
}

/** A state as another node has it than the one that appended, on memory. */
export async function createTrailingState(): Promise<TrailingState> {
  const [ahead, behind] = [new MemoryLogBackend(), new MemoryLogBackend()];
  const [log, copy, state] = [
    createMemoryLog(ahead),
    createMemoryLog(behind),
    createMemoryState(behind),
  ];
  await Promise.all([log.start(), copy.start(), state.start()]);
  const waiting = new Set<() => void>();
  const reached = async ({ atLeast = 0 }: StateFreshness): Promise<void> => {
    while ((await state.position()) < atLeast) {
      await new Promise<void>((resolve) => waiting.add(resolve));
    }
  };
  return {
    log,
    get isAwaited() {
      return waiting.size > 0;
    },
    state: {
      capabilities: { isWrittenWithLog: false },
      start: async () => {},
      async get(addresses, freshness = {}) {
        await reached(freshness);
        return await state.get(addresses, freshness);
      },
      async list(query) {
        await reached(query);
        return await state.list(query);
      },
      async refusalOf(offset) {
        await reached({ atLeast: offset });
        return undefined;
      },
      position: () => state.position(),
      project: (entries) => state.project(entries),
      watch: (watcher) => state.watch(watcher),
      dump: (after, limit) => state.dump(after, limit),
      rebuild: (onProgress) => state.rebuild(onProgress),
      close: () => state.close(),
    },
    async comeAlong() {
      const after = await state.position();
      const { entries } = await log.read({ pattern: ">", after, limit: 1000, order: "asc" });
      for (const { channel, id, kind, sender, dataJson } of entries) {
        await copy.append({ channel, id, kind, sender, dataJson });
      }
      for (const goOn of waiting) goOn();
      waiting.clear();
    },
  };
}
