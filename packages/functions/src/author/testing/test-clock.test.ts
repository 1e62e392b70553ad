import { expect, test } from "vitest";
import { TestClock } from "./test-clock.ts";

test("the clock stands where it was put", () => {
  const clock = new TestClock("2026-07-01T22:30:00Z");
  expect(clock.now()).toBe(1_782_945_000_000);
  clock.set(new Date(5));
  expect(clock.now()).toBe(5);
  clock.set(0);
  expect(clock.now()).toBe(0);
});

test("a moment that is none is refused", () => {
  expect(() => new TestClock("yesterday")).toThrow("yesterday is no moment");
  expect(() => new TestClock(Number.NaN)).toThrow("NaN is no moment");
});
