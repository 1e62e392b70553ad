import type { DeletedData } from "@anywire/types";
import type { HubEvent } from "../hub/broadcast.ts";
import type { Log, LogEntry, LogPage, LogQuery } from "../ports/log.ts";
import type { StateStore } from "../ports/state-store.ts";
import type { ChannelDocument, MessageDocument } from "../state/documents.ts";
import { channelKey, messageKey } from "../state/state-key.ts";

/** What stands in the place of a message that was deleted for everyone, and of its edits: which messages it is about is left. */
function maskedEntry(entry: LogEntry): LogEntry {
  const { target, thread } = JSON.parse(entry.dataJson) as DeletedData;
  return { ...entry, kind: "deleted", dataJson: JSON.stringify({ target, thread }) };
}

/** A log as outsiders may read it. */
export type ReadableLog = Pick<Log, "read" | "head" | "epoch" | "tail">;

/** A log as outsiders may read it: in the place of deleted messages stand entries of kind `deleted`. */
export function maskDeleted(log: Log, state: StateStore): ReadableLog {
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
function messageOf({ kind, id, dataJson }: LogEntry): string {
  return kind === "edit" ? (JSON.parse(dataJson) as { readonly target: string }).target : id;
}

/** What an event is once the entry of kind `delete` has come: undefined for those that stay what they are. */
export function maskOf({ channel, dataJson }: LogEntry): (event: HubEvent) => HubEvent | undefined {
  const { target } = JSON.parse(dataJson) as { readonly target: string };
  return (event) => {
    if (event.type !== "entry" || event.entry.channel !== channel) return undefined;
    const { entry } = event;
    const isSaid = entry.kind === "message" || entry.kind === "edit";
    if (!isSaid || messageOf(entry) !== target) return undefined;
    return { type: "entry", entry: maskedEntry(entry) };
  };
}
