/** Larger than any text that begins with a prefix, as UTF-8 sorts. */
export const LAST_CHARACTER = "\u{10FFFF}";
