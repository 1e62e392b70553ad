/** Cells of a table. */
export type Row = readonly (string | number)[];

/** A heading and a table under it; the first column is text, the others are numbers. */
export function section(title: string, header: readonly string[], rows: readonly Row[]): string {
  const line = (cells: Row): string => `| ${cells.join(" | ")} |`;
  const rule = header.map((_, column) => (column === 0 ? "---" : "--:"));
  return [`### ${title}`, "", line(header), line(rule), ...rows.map(line)].join("\n");
}

/** So many a second, or so many of anything; a dash when nobody knows. */
export function rate(perSecond: number | undefined): string {
  return perSecond === undefined ? "–" : Math.round(perSecond).toLocaleString("en");
}

/** A ratio; a dash when nobody knows. */
export function times(ratio: number | undefined): string {
  return ratio === undefined ? "–" : `${ratio.toFixed(2)} ×`;
}

/** A time in ms. */
export function milliseconds(ms: number): string {
  return `${ms < 100 ? ms.toFixed(2) : ms.toFixed(0)} ms`;
}

/** A time in µs; a dash when nobody knows. */
export function microseconds(micros: number | undefined): string {
  return micros === undefined ? "–" : `${micros.toFixed(1)} µs`;
}
