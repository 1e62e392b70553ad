import type { Output, Style } from "./terminal.ts";

/** One cell of a table: its text, and how it is shown. */
export type Cell = string | { readonly text: string; readonly style: Style };

/** A table of texts, its columns as wide as they must be; the head is dim. */
export function formatColumns(
  head: readonly string[],
  rows: readonly (readonly Cell[])[],
  out: Pick<Output, "paint">,
): string[] {
  const widths = head.map((title, column) =>
    Math.max(title.length, ...rows.map((row) => textOf(row[column] ?? "").length)),
  );
  const format = (row: readonly Cell[]): string =>
    row
      .map((cell, column) => padded(cell, widths[column] ?? 0, out))
      .join("  ")
      .trimEnd();
  return [format(head.map((text) => ({ text, style: "dim" }))), ...rows.map(format)];
}

function padded(cell: Cell, width: number, out: Pick<Output, "paint">): string {
  const text = textOf(cell);
  const shown = typeof cell === "string" ? text : out.paint(cell.style, text);
  // What colours it takes no room.
  return shown + " ".repeat(width - text.length);
}

function textOf(cell: Cell): string {
  return typeof cell === "string" ? cell : cell.text;
}
