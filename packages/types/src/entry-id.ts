import { v7 } from "uuid";
import { z } from "zod";

const ENTRY_ID = /^[A-Za-z0-9_-]{1,64}$/;

/**
 * A new id for an entry: a UUID version 7, so that ids made later sort later. Made by the client, so
 * that sending again after a lost answer stores nothing twice.
 * @see https://www.rfc-editor.org/rfc/rfc9562#name-uuid-version-7
 */
export function createEntryId(): string {
  return v7();
}

/** Whether a text can be an entry's id. */
export function isEntryId(text: string): boolean {
  return ENTRY_ID.test(text);
}

/** An entry's id: any 1 to 64 letters, digits, `_` or `-` that are unique within the channel. */
export const entryIdSchema = z
  .string()
  .regex(ENTRY_ID, "must be 1 to 64 letters, digits, _ or -")
  .describe("The sender's own id of the entry; the same id again stores nothing twice.");
