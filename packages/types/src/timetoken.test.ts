import fc from "fast-check";
import { expect, test } from "vitest";
import { formatTimetoken } from "./timetoken.ts";

const moment = fc.record({
  at: fc.integer({ min: 0, max: 9_999_999_999_999 }),
  tick: fc.integer({ min: 0, max: 9_999 }),
});

test("a timetoken has 17 digits, and later ones are larger as text and as numbers", () => {
  fc.assert(
    fc.property(moment, moment, (one, other) => {
      const [a, b] = [formatTimetoken(one.at, one.tick), formatTimetoken(other.at, other.tick)];
      expect(a).toMatch(/^\d{17}$/);
      const order = Math.sign(one.at - other.at || one.tick - other.tick);
      expect(Math.sign(Number(BigInt(a) - BigInt(b)))).toBe(order);
      expect(a < b).toBe(order < 0);
    }),
  );
});

test("a timetoken counts units of 100 ns since the Unix epoch", () => {
  expect(BigInt(formatTimetoken(1_700_000_000_123, 42))).toBe(1_700_000_000_123n * 10_000n + 42n);
});
