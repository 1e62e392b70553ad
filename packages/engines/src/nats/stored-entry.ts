import type { EntryDraft, LogEntry } from "@anywire/core";
import { AnywireError, type EntryKind, type EntryTrace } from "@anywire/types";
import type { EntryTime } from "../shared/channel-clock.ts";
import { createLogEntry } from "../shared/log-entry.ts";
import { headerField, textOf } from "./nats-message.ts";
import type { StoredMessage } from "./stream-reader.ts";

/** The one field of a stored message that is ours. */
const FIELD = "Anywire";
/** Stands for the offset before an entry whose channel's entry before it is the message before it. */
const ONE_BEFORE = -1;

/**
 * An entry is a message: its data is the message's, the rest one field of the header, a JSON array that is never written
 * otherwise: id, kind, sender, client or null, at, tick, offset of the channel's entry before; then what led to it, if anything.
 */
type StoredFields = readonly [
  id: string,
  kind: EntryKind,
  sender: string,
  client: string | null,
  at: number,
  tick: number,
  before: number,
  trace?: EntryTrace,
];

/**
 * Begins the header of an entry; fields may follow, then an empty line.
 *
 * @param previousOffset null when the channel's entry before is the message stored right before this one
 */
export function encodeEntryHeader(
  { id, kind, sender, client, trace }: EntryDraft,
  { at, tick }: EntryTime,
  previousOffset: number | null,
): string {
  const before = previousOffset ?? ONE_BEFORE;
  const fields: StoredFields = [id, kind, sender, client ?? null, at, tick, before];
  const all = trace === undefined ? fields : [...fields, trace];
  return `NATS/1.0\r\n${FIELD}: ${JSON.stringify(all)}\r\n`;
}

/** A stored message as an entry; `prefix` begins its subject, before the channel. */
export function entryOf({ subject, seq, header, data }: StoredMessage, prefix: string): LogEntry {
  return decodeEntry(subject.slice(prefix.length), seq, header, textOf(data));
}

/**
 * A stored message as an entry.
 * @throws {AnywireError} `storage_damaged` when the message is none of ours.
 */
export function decodeEntry(
  channel: string,
  offset: number,
  header: string,
  dataJson: string,
): LogEntry {
  const text = headerField(header, FIELD);
  if (text === "") {
    throw new AnywireError(
      "storage_damaged",
      `message ${offset} of the log's stream was not stored by Anywire`,
    );
  }
  const [id, kind, sender, client, at, tick, before, trace] = JSON.parse(text) as StoredFields;
  const draft = {
    channel,
    id,
    kind,
    sender,
    dataJson,
    ...(client === null ? {} : { client }),
    ...(trace === undefined ? {} : { trace }),
  };
  return createLogEntry(draft, offset, before === ONE_BEFORE ? offset - 1 : before, at, tick);
}

/** When an entry was stored. */
export function timeOf({ at, timetoken }: LogEntry): EntryTime {
  return { at, tick: Number(timetoken.slice(-4)) };
}
