const MAX_LINE_LENGTH = 256;
/** Marks that turn the direction of writing, by which one name is made to look like another. */
const TURNS = /[\u202a-\u202e\u2066-\u2069]/g;

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
    .replaceAll(TURNS, "")
    .replaceAll(/[\s\p{Cc}\p{Zl}\p{Zp}]+/gu, " ")
    .trim();
  return line === "" ? undefined : beginningOf(line, MAX_LINE_LENGTH).trim();
}

/** The name of a file from outside; undefined when nothing is left. */
export function cleanFileName(text: string): string | undefined {
  return cleanLine(text)?.replaceAll(/[/\\]/g, "_");
}
