import type { LogEntry, LogPage } from "@anywire/core";

/**
 * A page of entries as JSON text. Each entry's data is JSON text already and is put in as it is: taking
 * it apart to write it again would be most of the work of reading a page.
 */
export function entriesPageJson(page: LogPage, epoch: string, namesChannels: boolean): string {
  const entries = page.entries.map((entry) => entryJson(entry, namesChannels)).join(",");
  const last = page.entries.at(-1);
  const cursor = page.hasMore && last !== undefined ? `"cursor":"${last.offset}",` : "";
  return `{"entries":[${entries}],${cursor}"epoch":${JSON.stringify(epoch)}}`;
}

function entryJson(entry: LogEntry, namesChannel: boolean): string {
  const { offset, id, kind, sender, client, at, dataJson } = entry;
  const channel = namesChannel ? entry.channel : undefined;
  const head = JSON.stringify({ offset, id, kind, channel, sender, client, at });
  return `${head.slice(0, -1)},"data":${dataJson}}`;
}
