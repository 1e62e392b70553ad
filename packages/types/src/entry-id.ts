import { v7 } from "uuid";
import { z } from "zod";

const ENTRY_ID = /^[A-Za-z0-9_-]{1,64}$/;

/** Random bytes of one id, and of a whole pool: asking for few at a time costs more than all else together. */
const ID_BYTES = 16;
const pool = new Uint8Array(256 * ID_BYTES);
let used = pool.length;
let lastMs = 0;
let sequence = 0;

/**
 * A new id for an entry: a UUID version 7, so that ids made later sort later, also within one
 * millisecond. Made by the client, so that sending again after a lost answer stores nothing twice.
 * @see https://www.rfc-editor.org/rfc/rfc9562#name-uuid-version-7
 */
export function createEntryId(): string {
  const random = takeRandom();
  const now = Date.now();
  if (now > lastMs) {
    lastMs = now;
    // 31 bits of 32: room to count up for longer than a millisecond lasts.
    sequence = new DataView(random.buffer, random.byteOffset).getUint32(0) >>> 1;
  } else {
    sequence += 1;
  }
  return v7({ random, msecs: lastMs, seq: sequence });
}

function takeRandom(): Uint8Array {
  if (used === pool.length) {
    crypto.getRandomValues(pool);
    used = 0;
  }
  used += ID_BYTES;
  return pool.subarray(used - ID_BYTES, used);
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
