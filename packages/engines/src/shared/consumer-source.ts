import type { LogEntry, LogPage, LogQuery } from "@anywire/core";

/** What a consumer needs of the log it works through. */
export interface ConsumerSource {
  read(query: LogQuery): Promise<LogPage>;
  tail(deliver: (entry: LogEntry) => void): () => void;
}
