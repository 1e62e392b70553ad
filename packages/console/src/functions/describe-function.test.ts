import { expect, test } from "vitest";
import { bindingText, formatDuration, runsAfter } from "./describe-function.ts";

test("a duration has as many digits as matter", () => {
  const durations = [null, 0.071, 0.213, 1.44, 9.96, 48.2, 1234, 61_234];
  expect(durations.map(formatDuration)).toEqual([
    ...["–", "0.07 ms", "0.21 ms", "1.4 ms", "10 ms", "48 ms", "1.2 s", "61 s"],
  ]);
});

test("an interval is told in its largest whole unit", () => {
  const every = (binding: string): string => bindingText({ trigger: "onInterval", binding });
  expect(["250", "5000", "90000", "120000", "86400000"].map(every)).toEqual([
    ...["every 250 ms", "every 5 s", "every 90 s", "every 2 min", "every 1 d"],
  ]);
  expect(bindingText({ trigger: "onCron", binding: "0 9 * * 1" })).toBe("0 9 * * 1");
});

test("only what runs after something can have events that wait", () => {
  expect(runsAfter({ trigger: "afterSignal" })).toBe(true);
  expect(runsAfter({ trigger: "beforePublish" })).toBe(false);
});
