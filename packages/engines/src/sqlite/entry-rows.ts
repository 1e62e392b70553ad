/**
 * Entries between threads: one flat array, since a thousand small objects cost more to copy than
 * everything else that is done with them.
 */
export type EntryRows = readonly (string | number | null)[];

/** Values of one entry in {@link EntryRows}, in this order. */
export const ROW_FIELDS = [
  "channel",
  "id",
  "kind",
  "sender",
  "client",
  "dataJson",
  "traceJson",
  "offset",
  "previousOffset",
  "at",
  "tick",
] as const;

/** Values of one draft in a write batch: the first of {@link ROW_FIELDS}. */
export const DRAFT_FIELDS = 7;

/** The columns of `entries` behind the channel's name, in the order of {@link ROW_FIELDS}. */
export const ENTRY_COLUMNS = "id, kind, sender, client, data, trace, offset, previous, at, tick";
