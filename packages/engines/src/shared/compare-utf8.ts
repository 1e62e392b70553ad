/** From here on UTF-16 sorts otherwise than UTF-8: surrogates stand for what comes last. */
const FIRST_SURROGATE = 0xd800;

/** Compares two texts as their UTF-8 bytes compare, which is how SQLite and DynamoDB do it. */
export function compareUtf8(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i += 1) {
    const x = a.charCodeAt(i);
    const y = b.charCodeAt(i);
    if (x !== y) return rankOf(x) - rankOf(y);
  }
  return a.length - b.length;
}

function rankOf(unit: number): number {
  const isSurrogate = unit >= FIRST_SURROGATE && unit < 0xe000;
  return isSurrogate ? unit + 0x10_000 : unit;
}
