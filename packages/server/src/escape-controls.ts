/**
 * The text with everything escaped that could move a terminal's cursor, colour it or end the line: C0, DEL,
 * C1 and the Unicode line separators. Text from outside goes through it before it is shown.
 */
export function escapeControls(text: string): string {
  return text.replace(
    /[\p{Cc}\p{Zl}\p{Zp}]/gu,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}
