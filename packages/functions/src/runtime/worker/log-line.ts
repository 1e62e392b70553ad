import { formatWithOptions } from "node:util";
import { isTooDeep } from "../../author/json-depth.ts";
import type { LogLine } from "../run.ts";

/** A line of more is cut off, and fields of more are left out. */
const MAX_TEXT_CHARS = 8_192;
const MAX_FIELDS_CHARS = 16_384;

/** Values as a line shows them: enough to see what they are, whatever their size. */
const INSPECT = {
  depth: 4,
  maxArrayLength: 100,
  maxStringLength: MAX_TEXT_CHARS,
  breakLength: 120,
};

/** The text of a line, of what `console.log` and the like were given. */
export function formatLine(args: readonly unknown[]): string {
  return cut(formatWithOptions(INSPECT, ...args));
}

/** A line that can leave the thread. Never throws: what is no JSON is said to be none. */
export function toLogLine(level: LogLine["level"], text: unknown, fields: unknown): LogLine {
  const plain = fields === undefined ? undefined : plainFields(fields);
  const shown = typeof text === "string" ? cut(text) : formatLine([text]);
  return { level, text: shown, at: Date.now(), ...(plain && { fields: plain }) };
}

function cut(text: string): string {
  return text.length <= MAX_TEXT_CHARS ? text : `${text.slice(0, MAX_TEXT_CHARS - 1)}…`;
}

function plainFields(fields: unknown): Readonly<Record<string, unknown>> {
  try {
    const json = JSON.stringify(fields);
    if (json.length > MAX_FIELDS_CHARS) return { fields: "were too large and are left out" };
    if (isTooDeep(json)) return { fields: "were nested too deep and are left out" };
    const plain: unknown = JSON.parse(json);
    if (typeof plain === "object" && plain !== null && !Array.isArray(plain)) {
      return plain as Record<string, unknown>;
    }
    return { fields: plain };
  } catch {
    return { fields: "were no JSON and are left out" };
  }
}
