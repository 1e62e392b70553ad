import { describe, expect, it } from "vitest";
import { intervalSchedule } from "./schedule.ts";

describe("the schedule of an interval", () => {
  it("has its ticks at whole multiples since the Unix epoch", () => {
    const { next } = intervalSchedule(250);
    expect([0, 1, 249, 250, 999, 1_000].map((afterMs) => next(afterMs))).toEqual([
      250, 250, 250, 500, 1_000, 1_250,
    ]);
  });

  it.each([0, -5, 1.5, Number.NaN, Number.POSITIVE_INFINITY])("is refused when it is %s", (ms) => {
    expect(() => intervalSchedule(ms)).toThrow(
      expect.objectContaining({ code: "bad_request", message: expect.stringContaining(`${ms}`) }),
    );
  });
});
