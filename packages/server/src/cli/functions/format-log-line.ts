import { escapeControls } from "../../escape-controls.ts";
import type { Output, Style } from "../terminal.ts";

/** A line that a function logged. */
export interface ShownLine {
  readonly level: string;
  readonly text: string;
  readonly at: number;
  readonly fields?: Readonly<Record<string, unknown>> | undefined;
}

const STYLES: Readonly<Record<string, Style>> = {
  debug: "dim",
  info: "green",
  warn: "yellow",
  error: "red",
};

/**
 * `12:30:01 warn  sms-length  refused  length=1700`, on one line whatever is in it.
 * @param name of the function, where lines of several stand together
 */
export function formatLogLine(
  { level, text, at, fields }: ShownLine,
  out: Output,
  name?: string,
): string {
  const clock = out.paint("dim", new Date(at).toLocaleTimeString("en-GB"));
  const label = out.paint(STYLES[level] ?? "dim", level.padEnd(5));
  const rest = Object.entries(fields ?? {}).map(([key, value]) =>
    out.paint("dim", escapeControls(`${key}=${asText(value)}`)),
  );
  const who = name === undefined ? [] : [out.paint("bold", escapeControls(name))];
  return [`${clock} ${label}`, ...who, escapeControls(text), ...rest].join("  ");
}

function asText(value: unknown): string {
  return typeof value === "string" && !/[\s=]/.test(value) ? value : (JSON.stringify(value) ?? "");
}
