import { formatTimetoken } from "@anywire/types";
import fc from "fast-check";
import { expect, it } from "vitest";
import { type EntryTime, nextEntryTime } from "./channel-clock.ts";

it("takes the clock's time for a channel's first entry, and whenever it has moved on", () => {
  expect(nextEntryTime(undefined, 1_000)).toEqual({ at: 1_000, tick: 0 });
  expect(nextEntryTime({ at: 1_000, tick: 7 }, 1_001)).toEqual({ at: 1_001, tick: 0 });
});

it("counts ticks within a millisecond, and borrows from the next when they are used up", () => {
  expect(nextEntryTime({ at: 1_000, tick: 7 }, 1_000)).toEqual({ at: 1_000, tick: 8 });
  expect(nextEntryTime({ at: 1_000, tick: 9_999 }, 1_000)).toEqual({ at: 1_001, tick: 0 });
});

it("makes timetokens grow whatever the clock does", () => {
  const clock = fc.array(fc.integer({ min: 1.7e12, max: 1.7e12 + 3 }), { minLength: 2 });
  fc.assert(
    fc.property(clock, fc.integer({ min: 9_990, max: 9_999 }), (readings, tick) => {
      let time: EntryTime = { at: 1.7e12, tick };
      for (const now of readings) {
        const next = nextEntryTime(time, now);
        const isLater =
          formatTimetoken(next.at, next.tick) > formatTimetoken(time.at, time.tick) &&
          next.at >= time.at;
        expect(isLater).toBe(true);
        time = next;
      }
    }),
  );
});
