import { expect, test } from "vitest";
import { parseDurationSeconds } from "./duration.ts";

test.each([
  ["45s", 45],
  ["30m", 1800],
  ["1h", 3600],
  ["7d", 604_800],
  ["2w", 1_209_600],
])("%s is %d seconds", (text, seconds) => expect(parseDurationSeconds(text)).toBe(seconds));

test.each(["", "0s", "1", "h", "-1h", "1.5h", "1 h", "1h30m", "1H", "1y", "9999999999s"])(
  "%j is no duration",
  (text) => expect(parseDurationSeconds(text)).toBeUndefined(),
);
