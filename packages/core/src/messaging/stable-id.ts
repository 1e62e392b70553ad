const ALPHABET = "abcdefghijklmnopqrstuvwxyz234567";
/** 26 letters of 5 bits: two of them meet by chance once in 2^65. */
const LETTERS = 26;

/**
 * A segment that is the same wherever it is made from the same texts in the same order, and another for any others.
 * @see https://www.rfc-editor.org/rfc/rfc4648#section-6 the alphabet
 */
export async function stableId(parts: readonly (string | null)[]): Promise<string> {
  const bytes = new TextEncoder().encode(JSON.stringify(parts));
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  let bits = 0n;
  for (const byte of digest.subarray(0, 17)) bits = (bits << 8n) | BigInt(byte);
  let id = "";
  for (let i = 0; i < LETTERS; i += 1) {
    id += ALPHABET[Number(bits & 31n)];
    bits >>= 5n;
  }
  return id;
}
