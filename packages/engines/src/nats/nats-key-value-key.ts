/** What may stand in a key of a bucket as it is. */
const PLAIN = /^[A-Za-z0-9_/-]+$/;
/** Begins a part of a key that is written as the hexadecimal digits of its UTF-8. */
const HEX = "=";

/**
 * A key of any characters as a key of a NATS bucket: parts between full stops stay parts, so that the server can find
 * by prefix; those with anything unusual in them, or nothing, are written in hexadecimal. Under 3,100 characters for
 * the longest key, which a server's line of 4,096 has room for.
 */
export function encodeKey(key: string): string {
  return key.split(".").map(encodePart).join(".");
}

/** The key that was encoded. */
export function decodeKey(encoded: string): string {
  return encoded.split(".").map(decodePart).join(".");
}

/** A filter for encoded keys that lets through all keys with a prefix, and some more: the part it ends in is open. */
export function keyFilter(prefix: string): string {
  const end = prefix.lastIndexOf(".");
  return end < 0 ? ">" : `${encodeKey(prefix.slice(0, end))}.>`;
}

function encodePart(part: string): string {
  return PLAIN.test(part) ? part : HEX + Buffer.from(part).toString("hex");
}

function decodePart(part: string): string {
  return part.startsWith(HEX) ? Buffer.from(part.slice(HEX.length), "hex").toString() : part;
}
