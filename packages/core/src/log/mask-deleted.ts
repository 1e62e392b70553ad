import type { Log, LogEntry, LogPage, LogQuery } from "../ports/log.ts";
import type { StateStore } from "../ports/state-store.ts";
import type { ChannelDocument, MessageDocument } from "../state/documents.ts";
import { channelKey, messageKey } from "../state/state-key.ts";

/** What stands in the place of a message that was deleted for everyone, and of its edits. */
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
  const said = page.entries.filter(({ kind }) => kind === "message" || kind === "edit");
  if (said.length === 0) return page;
  const channels = [...new Set(said.map(({ channel }) => channel))];
  const { values } = await state.get(channels.map(channelKey));
  const withDeletions = new Set(
    channels.filter((_, i) => ((values[i] as ChannelDocument | undefined)?.deletions ?? 0) > 0),
  );
  if (withDeletions.size === 0) return page;
  const candidates = said.filter(({ channel }) => withDeletions.has(channel));
  const keys = candidates.map((entry) => messageKey(entry.channel, messageOf(entry)));
  const found = await state.get(keys);
  const deleted = new Set(
    candidates.filter((_, i) => (found.values[i] as MessageDocument | undefined)?.deleted === true),
  );
  if (deleted.size === 0) return page;
  const entries = page.entries.map((entry) => (deleted.has(entry) ? maskedEntry(entry) : entry));
  return { ...page, entries };
}

/** The id of the message that an entry says something of. */
export function messageOf({ kind, id, dataJson }: LogEntry): string {
  return kind === "edit" ? (JSON.parse(dataJson) as { readonly target: string }).target : id;
}
