import type { EntryDraft, LogEntry } from "@anywire/core";
import { createLogEntry } from "../shared/log-entry.ts";
import { type EntryRows, ROW_FIELDS } from "./entry-rows.ts";

/** Makes entries of what a thread sent. */
export function decodeEntries(rows: EntryRows): LogEntry[] {
  const entries: LogEntry[] = [];
  for (let i = 0; i < rows.length; i += ROW_FIELDS.length) entries.push(decodeEntry(rows, i));
  return entries;
}

/** Makes an entry of the values from index `at` on. */
export function decodeEntry(rows: EntryRows, at: number): LogEntry {
  const client = rows[at + 4];
  const traceJson = rows[at + 6] as string | null;
  const draft = {
    channel: rows[at],
    id: rows[at + 1],
    kind: rows[at + 2],
    sender: rows[at + 3],
    client: client === null ? undefined : client,
    dataJson: rows[at + 5],
    trace: traceJson === null ? undefined : JSON.parse(traceJson),
  } as EntryDraft;
  const offset = rows[at + 7] as number;
  return createLogEntry(
    draft,
    offset,
    rows[at + 8] as number,
    rows[at + 9] as number,
    rows[at + 10] as number,
  );
}
