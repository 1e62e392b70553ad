import { z } from "zod";
import { addressSchema } from "./address.ts";
import { entryIdSchema } from "./entry-id.ts";
import { jsonSchema } from "./json-schema.ts";

/**
 * What an entry is. `message` holds a `Message`; `data` is any JSON that a client published and that is
 * not a message; `deleted` stands in the place of a message that was deleted for everyone. All others are
 * written by the server: how a channel and its messages change, on the channel itself, and what concerns
 * one account or contact alone, on its own; `delivery` how far a message has come on its way over a network. `connection` to
 * `deployment` stand on channels that only the server writes: what was decided about a connection, what its network sent, and what
 * was made of that; what happened live, kept for functions; what functions say, and which of them run.
 */
export const ENTRY_KINDS = [
  "message",
  "data",
  "deleted",
  "opened",
  "updated",
  "added",
  "removed",
  "role",
  "edit",
  "delete",
  "reaction",
  "pin",
  "read",
  "delivered",
  "mute",
  "hide",
  "delete_for_me",
  "account",
  "seen",
  "device",
  "contact",
  "consent",
  "delivery",
  "connection",
  "webhook",
  "inbound",
  "signal",
  "presence",
  "log",
  "deployment",
] as const;

/** One of {@link ENTRY_KINDS}. */
export type EntryKind = (typeof ENTRY_KINDS)[number];

/** An entry's kind in a request or reply. */
export const entryKindSchema = z
  .enum(ENTRY_KINDS)
  .describe(
    "`message` for what people said, `data` for any other JSON a client published; others tell how the channel and its messages changed.",
  );

/** The most names in `EntryTrace.via`. */
export const MAX_TRACE_NAMES = 64;

/** What led to an entry: the functions between it and the entry it began with. An entry without one began by itself. */
export interface EntryTrace {
  /** The id of the entry it began with. */
  readonly id: string;
  /** Names of the functions on the way, first one first; at most {@link MAX_TRACE_NAMES}. */
  readonly via: readonly string[];
}

/** A position in the log: an offset, void in a log with another epoch. */
export const positionSchema = z.object({
  offset: z.int().min(0).describe("Position in the log; 0 is before the first entry."),
  epoch: z
    .string()
    .describe("The identity of the log; offsets of another epoch mean nothing here."),
});

/** A position in the log: an offset, void in a log with another epoch. */
export type Position = z.infer<typeof positionSchema>;

/** One thing in a channel's log, as outsiders see it. */
export const entrySchema = z.object({
  offset: z
    .int()
    .min(1)
    .describe("Position in the log; grows within a channel, not necessarily by one."),
  id: entryIdSchema,
  kind: entryKindSchema,
  channel: z.string().optional().describe("The channel, where entries of several come together."),
  sender: addressSchema,
  client: z
    .string()
    .optional()
    .describe("The connection it came through, when it came through one."),
  at: z.int().describe("When it was stored, milliseconds since the Unix epoch (UTC)."),
  data: jsonSchema.describe("A message for kind `message`, otherwise what was published."),
});

/** One thing in a channel's log, as outsiders see it. */
export type Entry = z.infer<typeof entrySchema>;
