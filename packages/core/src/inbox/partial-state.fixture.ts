import { matchesPattern } from "@anywire/types";
import { manageState } from "../lifecycle/managed-state.ts";
import type { StateChange, StateStore, StateWatcher } from "../ports/state-store.ts";
import { ACCOUNT, CHANNEL, MEMBERSHIP } from "../state/state-key.ts";

/** One of so many changes is lost on the way. */
const LOST_OF = 17;

/**
 * A state as a node of a cluster has it: of changes it hears late, and only of what it follows; and now and then some are
 * lost on the way.
 */
export function partialState(state: StateStore): StateStore {
  return manageState({
    capabilities: state.capabilities,
    start: async () => {},
    get: (addresses, freshness) => state.get(addresses, freshness),
    list: async (query) => {
      const page = await state.list(query);
      // The answer has a way to go, on which things happen.
      await new Promise(setImmediate);
      return page;
    },
    position: () => state.position(),
    project: (entries) => state.project(entries),
    dump: (after, limit) => state.dump(after, limit),
    rebuild: (onProgress) => state.rebuild(onProgress),
    close: async () => {},
    watch: (watcher) => watchPartially(state, watcher),
  });
}

function watchPartially(state: StateStore, watcher: StateWatcher) {
  const followed: string[] = [];
  const late: StateChange[] = [];
  let heard = 0;
  const hear = (change: StateChange): void => {
    heard += 1;
    const isLost = heard % LOST_OF === 0;
    const topics = topicsOf(change);
    const isMeant = topics.some((topic) => followed.some((one) => matchesPattern(one, topic)));
    if (isMeant && !isLost) watcher.onChange(change);
    if (isLost) watcher.onMissed?.();
  };
  const listening = state.watch({
    onChange: (change) => {
      if (late.push(change) === 1) setImmediate(() => late.splice(0).forEach(hear));
    },
  });
  return {
    hearsAll: false,
    stop: () => listening.stop(),
    follow: async (pattern: string) => {
      await new Promise(setImmediate);
      followed.push(pattern);
      return () => void followed.splice(followed.indexOf(pattern), 1);
    },
  };
}

/** The least that a change is told on: the channel that it stands on, and the channel and accounts that it changed. */
function topicsOf({ entry, items }: StateChange): string[] {
  const isTold = (sort: string): boolean =>
    sort === CHANNEL || sort === ACCOUNT || sort.startsWith(MEMBERSHIP);
  const changed = items.filter(({ sort }) => isTold(sort)).map(({ partition }) => partition);
  return [entry.channel, ...changed];
}
