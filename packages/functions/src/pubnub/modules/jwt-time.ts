import { JsonWebTokenError } from "./jwt-errors.ts";

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** Each unit, and what its names begin with. */
const UNITS: readonly (readonly [name: RegExp, ms: number])[] = [
  [/^(ms|msecs?|milliseconds?)?$/, 1],
  [/^(s|secs?|seconds?)$/, SECOND],
  [/^(m|mins?|minutes?)$/, MINUTE],
  [/^(h|hrs?|hours?)$/, HOUR],
  [/^(d|days?)$/, DAY],
  [/^(w|weeks?)$/, 7 * DAY],
  [/^(y|yrs?|years?)$/, 365.25 * DAY],
];

/**
 * A span in seconds: a number is seconds; a text is a number and a unit, such as `1h`, `2 days`, and without a unit
 * milliseconds.
 * @throws {JsonWebTokenError} when it is neither.
 */
export function secondsOf(option: string, span: string | number): number {
  if (typeof span === "number" && Number.isFinite(span)) return span;
  const [, amount, unit = ""] = /^(-?\d*\.?\d+) *([a-z]*)$/i.exec(String(span).trim()) ?? [];
  const ms = UNITS.find(([name]) => name.test(unit.toLowerCase()))?.[1];
  if (typeof span !== "string" || amount === undefined || ms === undefined) {
    throw new JsonWebTokenError(
      `"${option}" should be a number of seconds or a text that says a span, such as "1d", "20h"`,
    );
  }
  return (Number(amount) * ms) / SECOND;
}
