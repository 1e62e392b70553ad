import type { Log } from "@anywire/core";

/** A log that notes how far this node has appended: its reads of the state have to see as much. */
export interface NotingLog extends Log {
  /** Offset of the last entry that was appended here; `0` for none. */
  readonly appended: number;
}

/** Notes what is appended through it; everything else is the log's own. */
export function createNotingLog(log: Log): NotingLog {
  let appended = 0;
  return {
    capabilities: log.capabilities,
    get appended() {
      return appended;
    },
    get epoch() {
      return log.epoch;
    },
    append: async (draft) => {
      const stored = await log.append(draft);
      // Also one that was there already: who appended it again may rely on it as well.
      appended = Math.max(appended, stored.entry.offset);
      return stored;
    },
    start: () => log.start(),
    read: (query) => log.read(query),
    head: (pattern) => log.head(pattern),
    tail: (deliver) => log.tail(deliver),
    consume: (options, handle) => log.consume(options, handle),
    close: () => log.close(),
  };
}
