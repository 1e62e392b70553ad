import { expect, test } from "vitest";
import { createCronSchedule } from "./cron-schedule.ts";

const at = (text: string): number => Date.parse(text);

test("the next moment is later than the one it is asked for, though that is one itself", () => {
  const next = createCronSchedule("0 9 * * 1-5");
  expect(next(at("2026-01-02T08:59:59.999Z"))).toBe(at("2026-01-02T09:00:00Z"));
  // From a Friday to the Monday after it.
  expect(next(at("2026-01-02T09:00:00Z"))).toBe(at("2026-01-05T09:00:00Z"));
});

test("a time zone keeps its hour when the clocks change", () => {
  const next = createCronSchedule("0 9 * * *", "Europe/London");
  expect(next(at("2026-03-28T10:00:00Z"))).toBe(at("2026-03-29T08:00:00Z"));
  expect(next(at("2026-10-24T10:00:00Z"))).toBe(at("2026-10-25T09:00:00Z"));
});

test("six fields begin with seconds", () => {
  const next = createCronSchedule("*/10 * * * * *");
  expect(next(at("2026-01-01T00:00:09.500Z"))).toBe(at("2026-01-01T00:00:10Z"));
});

test("what never comes is null", () => {
  expect(createCronSchedule("0 0 30 2 *")(0)).toBeNull();
});
