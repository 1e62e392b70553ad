import fc from "fast-check";
import { expect, test } from "vitest";
import { type Rate, RateLimiter } from "./rate-limiter.ts";

const rate = (intervalMs: number, burst = 1, key = "k"): Rate => ({
  key,
  intervalMs,
  burst,
  unit: "message",
});

/** When units leave, for somebody who always has some and whose timers are late by what `late` says. */
function leave(limiter: RateLimiter, rates: readonly Rate[], untilMs: number, late: () => number) {
  const times: number[] = [];
  for (let now = 1_000_000; now < 1_000_000 + untilMs; ) {
    const at = limiter.freeAt(rates, "a", now);
    if (at > now) {
      now = at + late();
      continue;
    }
    limiter.take(rates, "a", now);
    times.push(now - 1_000_000);
  }
  return times;
}

const inSecond = (times: readonly number[], second: number): number =>
  times.filter((time) => time >= second * 1_000 && time < (second + 1) * 1_000).length;

test("ten a second are ten in each second, evenly spaced, also when timers are late", () => {
  fc.assert(
    fc.property(fc.infiniteStream(fc.integer({ min: 0, max: 90 })), (delays) => {
      const late = (): number => delays.next().value ?? 0;
      const times = leave(new RateLimiter(), [rate(100)], 10_000, late);
      for (let second = 0; second < 10; second += 1) {
        expect(Math.abs(inSecond(times, second) - 10)).toBeLessThanOrEqual(1);
      }
      for (const [i, time] of times.entries()) {
        if (i > 0) expect(time - (times[i - 1] ?? 0)).toBeGreaterThanOrEqual(10);
      }
    }),
    { numRuns: 50 },
  );
});

test("after a rest as many leave at once as the burst says, and no more", () => {
  const limiter = new RateLimiter();
  const times = leave(limiter, [rate(100, 5)], 1_000, () => 0);
  expect(times.filter((time) => time === 0)).toHaveLength(5);
  expect(times.slice(0, 8)).toEqual([0, 0, 0, 0, 0, 100, 200, 300]);
});

test("of several rates the slowest decides", () => {
  const times = leave(
    new RateLimiter(),
    [rate(10, 1, "fast"), rate(250, 1, "slow")],
    1_000,
    () => 0,
  );
  expect(times).toEqual([0, 250, 500, 750]);
});

test("who shares a rate gets it by turns, and who does not come is not waited for", () => {
  const limiter = new RateLimiter();
  const shared = [rate(100)];
  const counts: Record<string, number> = { a: 0, b: 0, c: 0 };
  const wakeAt: Record<string, number> = { a: 0, b: 0, c: 0 };
  for (let now = 0; now < 10_000; now += 1) {
    // `c` asks once and never again: its message was called back.
    for (const taker of now > 0 ? ["a", "b"] : ["a", "b", "c"]) {
      if ((wakeAt[taker] ?? 0) > now) continue;
      const at = limiter.freeAt(shared, taker, now);
      if (at <= now) {
        limiter.take(shared, taker, now);
        counts[taker] = (counts[taker] ?? 0) + 1;
      } else wakeAt[taker] = at;
    }
  }
  const { a = 0, b = 0 } = counts;
  expect(a + b).toBeGreaterThanOrEqual(97);
  expect(Math.abs(a - b)).toBeLessThanOrEqual(2);
});

test("a pause holds, and what turned out to count for more delays the next", () => {
  const limiter = new RateLimiter();
  const rates = [{ ...rate(100), unit: "segment" as const }];
  limiter.take(rates, "a", 1_000);
  limiter.adjust(rates, { messages: 0, segments: 2 });
  expect(limiter.freeAt(rates, "a", 1_000)).toBe(1_300);
  limiter.adjust(rates, { messages: -1, segments: -1 });
  expect(limiter.freeAt(rates, "a", 1_000)).toBe(1_200);
  limiter.pause(rates, 5_000, 1_000);
  expect(limiter.freeAt(rates, "a", 4_999)).toBe(5_000);
});
