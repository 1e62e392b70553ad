import type { Log, LogEntry, LogPage, LogQuery } from "../ports/log.ts";
import type { StateStore } from "../ports/state-store.ts";
import type { ChannelDocument, MessageDocument } from "../state/documents.ts";
import { channelKey, messageKey } from "../state/state-key.ts";

/** What stands in the place of a message that was deleted for everyone. */
export function maskedEntry(entry: LogEntry): LogEntry {
  return { ...entry, kind: "deleted", dataJson: "{}" };
}

/** A log as outsiders may read it: in the place of deleted messages stand entries of kind `deleted`. */
export function maskDeleted(
  log: Log,
  state: StateStore,
): Pick<Log, "read" | "head" | "epoch" | "tail"> {
  return {
    get epoch() {
      return log.epoch;
    },
    head: (pattern) => log.head(pattern),
    tail: (deliver) => log.tail(deliver),
    read: async (query: LogQuery) => maskPage(await log.read(query), state),
  };
}

async function maskPage(page: LogPage, state: StateStore): Promise<LogPage> {
  const messages = page.entries.filter(({ kind }) => kind === "message");
  if (messages.length === 0) return page;
  const channels = [...new Set(messages.map(({ channel }) => channel))];
  const { values } = await state.get(channels.map(channelKey));
  const withDeletions = new Set(
    channels.filter((_, i) => ((values[i] as ChannelDocument | undefined)?.deletions ?? 0) > 0),
  );
  if (withDeletions.size === 0) return page;
  const candidates = messages.filter(({ channel }) => withDeletions.has(channel));
  const found = await state.get(candidates.map(({ channel, id }) => messageKey(channel, id)));
  const deleted = new Set(
    candidates.filter((_, i) => (found.values[i] as MessageDocument | undefined)?.deleted === true),
  );
  if (deleted.size === 0) return page;
  const entries = page.entries.map((entry) => (deleted.has(entry) ? maskedEntry(entry) : entry));
  return { ...page, entries };
}
