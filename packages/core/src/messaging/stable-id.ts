import { sha256 } from "@noble/hashes/sha2.js";

const ALPHABET = "abcdefghijklmnopqrstuvwxyz234567";
/** 26 letters of 5 bits: two of them meet by chance once in 2^65. */
const LETTERS = 26;
/** The last byte of the digest that is needed. */
const LAST = 16;

const encoder = new TextEncoder();

/**
 * A segment that is the same wherever it is made from the same texts in the same order, and another for any others.
 * @see https://www.rfc-editor.org/rfc/rfc4648#section-6 the alphabet
 */
export function stableId(parts: readonly (string | null)[]): string {
  const digest = sha256(encoder.encode(JSON.stringify(parts)));
  let id = "";
  // Five bits after five, from the lowest of the last byte on.
  for (let bit = 0; id.length < LETTERS; bit += 5) {
    const at = LAST - (bit >> 3);
    const word = ((digest[at - 1] ?? 0) << 8) | (digest[at] ?? 0);
    id += ALPHABET[(word >> (bit & 7)) & 31];
  }
  return id;
}
