import fc from "fast-check";
import { expect, test } from "vitest";
import { DurationHistogram } from "./duration-histogram.ts";

const durations = fc.array(fc.double({ min: 0.01, max: 600_000, noNaN: true }), { minLength: 1 });

test("any quantile is within 5 % of the one that all durations say", () => {
  fc.assert(
    fc.property(durations, fc.double({ min: 0.01, max: 1, noNaN: true }), (all, share) => {
      const histogram = new DurationHistogram();
      for (const one of all) histogram.add(one);
      const sorted = all.toSorted((a, b) => a - b);
      const exact = sorted[Math.ceil(sorted.length * share) - 1] ?? 0;
      expect(Math.abs((histogram.quantile(share) ?? 0) / exact - 1)).toBeLessThanOrEqual(0.05);
    }),
  );
});

test("what two counted apart is what one counts", () => {
  fc.assert(
    fc.property(durations, durations, (some, others) => {
      const [apart, other, together] = [1, 2, 3].map(() => new DurationHistogram());
      for (const one of some) apart?.add(one);
      for (const one of others) other?.add(one);
      for (const one of [...some, ...others]) together?.add(one);
      apart?.addPairs(other?.toPairs() ?? []);
      expect(apart?.toPairs()).toEqual(together?.toPairs());
    }),
  );
});

test("without a duration there is nothing to say, and whatever is given as one has its place", () => {
  const histogram = new DurationHistogram();
  expect(histogram.quantile(0.5)).toBeNull();
  for (const odd of [0, -1, Number.NaN]) histogram.add(odd);
  expect(histogram.quantile(1)).toBe(0.01);
  histogram.add(Number.POSITIVE_INFINITY);
  expect(histogram.quantile(1)).toBeGreaterThan(600_000);
});
