import type { EntryDraft, LogEntry } from "@anywire/core";
import { formatTimetoken } from "@anywire/types";

/**
 * The stored form of a draft. Every driver makes its entries here, so that they all have one of few
 * hidden classes (with and without `client`, with and without `trace`) and code that handles entries stays monomorphic.
 *
 * @param tick 0 to 9,999: tells apart entries of one channel in one millisecond
 */
export function createLogEntry(
  draft: EntryDraft,
  offset: number,
  previousOffset: number,
  at: number,
  tick: number,
): LogEntry {
  const { channel, id, kind, sender, client, dataJson, trace } = draft;
  const timetoken = formatTimetoken(at, tick);
  const entry: LogEntry =
    client === undefined
      ? { channel, id, kind, sender, dataJson, offset, previousOffset, at, timetoken }
      : { channel, id, kind, sender, client, dataJson, offset, previousOffset, at, timetoken };
  return trace === undefined ? entry : { ...entry, trace };
}
