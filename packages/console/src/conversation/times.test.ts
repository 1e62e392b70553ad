import { expect, test } from "vitest";
import { formatDay, formatTime, formatWhen } from "./times.ts";

const now = new Date(2026, 2, 1, 9).getTime();

test.each([
  [new Date(2026, 2, 1, 0, 1), "Today"],
  [new Date(2026, 1, 28, 23, 59), "Yesterday"],
  [new Date(2026, 1, 27, 12), "Friday, February 27"],
  [new Date(2025, 11, 31, 12), "December 31, 2025"],
])("%s is called %s", (day, name) => {
  expect(formatDay(day.getTime(), now)).toBe(name);
});

test.each([
  [new Date(2026, 1, 28, 23, 59), "Sat"],
  [new Date(2026, 1, 23, 0, 1), "Mon"],
  [new Date(2026, 1, 22, 23, 59), "Feb 22"],
  [new Date(2025, 11, 31, 12), "Dec 31, 2025"],
])("in a list %s is %s", (day, name) => {
  expect(formatWhen(day.getTime(), now)).toBe(name);
});

test("in a list of today there is the time", () => {
  const at = new Date(2026, 2, 1, 0, 1).getTime();
  expect(formatWhen(at, now)).toBe(formatTime(at));
});
