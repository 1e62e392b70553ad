import { isWildcard } from "@anywire/types";
import type { LogEntry } from "../ports/log.ts";

/**
 * Channels whose entries are not those of the log but a view over it, made for each of them: the notification
 * channels of accounts.
 */
export interface ChannelFeed {
  /** Begins to tell the hub of a channel's entries; resolves with the offset after which it does. */
  open(channel: string): Promise<number>;
  /** Ends it. */
  close(channel: string): void;
  /** Entries after an offset, oldest first; some, as long as there are more. */
  read(
    channel: string,
    after: number,
    limit: number,
  ): Promise<{ readonly entries: readonly LogEntry[]; readonly hasMore: boolean }>;
}

/** Whether a channel is fed: one of type `notification`, named in full. */
export function isFed(name: string): boolean {
  return !isWildcard(name) && name.startsWith("notification.", name.indexOf(".") + 1);
}
