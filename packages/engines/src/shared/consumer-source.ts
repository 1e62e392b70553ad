import type { Listening, LogEntry, LogPage, LogQuery } from "@anywire/core";

/** What a consumer needs of the log it works through. */
export interface ConsumerSource {
  /**
   * Whether the tail can, when much breaks at once, leave something out and not know it. Then it only says that there is
   * something to read, unless its entry is the very next one of the log. Default false.
   */
  readonly mayMiss?: boolean;
  read(query: LogQuery): Promise<LogPage>;
  /** Offset of the last entry of a channel, or, for a wildcard pattern, of the whole log; `0` for none. */
  head(pattern: string): Promise<number>;
  tail(deliver: (entry: LogEntry) => void): Listening;
}
