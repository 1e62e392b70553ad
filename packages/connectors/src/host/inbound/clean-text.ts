const MAX_LINE_LENGTH = 256;

/** A text without halves of characters, which no store takes. */
export function wellFormed(text: string): string {
  return text.replaceAll(/\p{Surrogate}/gu, "\uFFFD");
}

/** The beginning of a text, that never ends in half a character. */
export function beginningOf(text: string, length: number): string {
  return text.slice(0, length).replace(/[\uD800-\uDBFF]$/, "");
}

/** A text from outside as a title or a name: one line, and no longer than one may be; undefined when nothing is left. */
export function cleanLine(text: string): string | undefined {
  const line = wellFormed(text)
    .replaceAll(/[\s\p{Cc}\p{Zl}\p{Zp}]+/gu, " ")
    .trim();
  return line === "" ? undefined : beginningOf(line, MAX_LINE_LENGTH).trim();
}
