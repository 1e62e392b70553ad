import fc from "fast-check";
import { expect, test } from "vitest";
import { RateLimit } from "./rate-limit.ts";

test("after a rest so many go through at once, and then so many a second", () => {
  const limit = new RateLimit(10, 3, 0);
  expect([0, 0, 0, 0].map((now) => limit.take(now))).toEqual([0, 0, 0, 100]);
  expect(limit.take(50)).toBe(50);
  expect(limit.take(100)).toBe(0);
  expect([1e6, 1e6, 1e6, 1e6].map((now) => limit.take(now))).toEqual([0, 0, 0, 100]);
});

test("what is refused costs nothing", () => {
  const limit = new RateLimit(1, 1, 0);
  limit.take(0);
  for (let i = 0; i < 100; i += 1) expect(limit.take(0)).toBe(1000);
  expect(limit.take(1000)).toBe(0);
});

test("in no span of time go more through than the rest before it and the rate allow", () => {
  const gaps = fc.array(fc.nat({ max: 300 }), { maxLength: 100 });
  const rate = fc.integer({ min: 1, max: 100 });
  const burst = fc.integer({ min: 1, max: 10 });
  fc.assert(
    fc.property(rate, burst, gaps, (perSecond, atOnce, waits) => {
      const limit = new RateLimit(perSecond, atOnce, 0);
      let [now, passed] = [0, 0];
      for (const wait of waits) {
        now += wait;
        if (limit.take(now) === 0) passed += 1;
      }
      expect(passed).toBeLessThanOrEqual(atOnce + (now * perSecond) / 1000 + 1e-3);
    }),
  );
});

test("whoever waits as long as it was told to gets through", () => {
  // Fractions summed up to a hair less than one token: who had waited was refused and told 1 ms more.
  const gaps = fc.array(fc.nat({ max: 20 }), { maxLength: 50 });
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 1000 }), gaps, (perSecond, waits) => {
      const limit = new RateLimit(perSecond, 2, 0);
      let now = 0;
      for (const wait of waits) {
        now += wait;
        const retryAfterMs = limit.take(now);
        if (retryAfterMs === 0) continue;
        now += retryAfterMs;
        expect(limit.take(now)).toBe(0);
      }
    }),
  );
});
