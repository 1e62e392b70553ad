import type { Entry } from "@anywire/types";

/** How important a line is, least first. */
export const LEVELS = ["debug", "info", "warn", "error"] as const;

/** How important a line is. */
export type LogLevel = (typeof LEVELS)[number];

/** A line that a function logged, or that says what became of its run. */
export interface LogLine {
  readonly key: string;
  readonly offset: number;
  /** When it was logged, milliseconds since the Unix epoch. */
  readonly at: number;
  /** The function's name. */
  readonly name: string;
  readonly level: LogLevel;
  readonly text: string;
  /** What goes with it, as one line of JSON; empty for nothing. */
  readonly fields: string;
  readonly channel: string | undefined;
  /** Where it failed, in the author's files. */
  readonly stack: string | undefined;
}

/** Which lines to show. */
export interface LogFilter {
  /** Undefined for all functions. */
  readonly name: string | undefined;
  /** The least important ones. */
  readonly level: LogLevel;
}

/** The line that an entry holds, or undefined when it holds none. */
export function toLogLine({ id, offset, kind, at, data }: Entry): LogLine | undefined {
  if (kind !== "log" || typeof data !== "object" || data === null) return undefined;
  const line = data as Readonly<Record<string, unknown>>;
  const { function: name, level, text, fields, channel, error } = line;
  const said = typeof line["at"] === "number" ? line["at"] : at;
  return {
    key: id,
    offset,
    at: said,
    name: textOr(name, ""),
    level: LEVELS.find((one) => one === level) ?? "info",
    text: textOr(text, ""),
    fields: isRecord(fields) && Object.keys(fields).length > 0 ? JSON.stringify(fields) : "",
    channel: typeof channel === "string" ? channel : undefined,
    stack: isRecord(error) && typeof error["stack"] === "string" ? error["stack"] : undefined,
  };
}

/** The lines that pass a filter. */
export function filterLines(lines: readonly LogLine[], filter: LogFilter): readonly LogLine[] {
  const least = LEVELS.indexOf(filter.level);
  return lines.filter(
    ({ name, level }) =>
      (filter.name === undefined || filter.name === name) && LEVELS.indexOf(level) >= least,
  );
}

function textOr(value: unknown, otherwise: string): string {
  return typeof value === "string" ? value : otherwise;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null;
}
