import { expect, test } from "vitest";
import { retryAfterMs } from "./retry-after.ts";

const NOW = Date.parse("2026-11-26T07:00:00Z");

test.each([
  ["2", 2000],
  [" 0.0005 ", 1],
  ["Thu, 26 Nov 2026 07:00:30 GMT", 30_000],
  ["99999999999999999999", 86_400_000],
  ["Fri, 26 Nov 2027 07:00:00 GMT", 86_400_000],
])("a network that says %j is asked again %s ms later", (header, ms) => {
  expect(retryAfterMs(header, NOW)).toBe(ms);
});

test.each([null, "", "soon", "0", "-1", "NaN", "Infinity", "Thu, 26 Nov 2026 06:59:59 GMT"])(
  "a network that says %j has not said when",
  (header) => {
    expect(retryAfterMs(header, NOW)).toBeUndefined();
  },
);
