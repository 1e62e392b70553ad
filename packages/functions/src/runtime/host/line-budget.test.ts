import { expect, test } from "vitest";
import { LineBudget } from "./line-budget.ts";

test("each writer has its lines in a minute, and what was left out is told once, when that is over", () => {
  const budget = new LineBudget(2);
  const take = (writer: string, now: number): boolean => budget.take(writer, now);
  expect([take("a", 0), take("a", 1), take("a", 2), take("a", 3), take("b", 4)]).toEqual([
    ...[true, true, false, false, true],
  ]);
  expect(budget.leftOut(59_999)).toEqual([]);
  expect(budget.leftOut(60_000)).toEqual([["a", 2]]);
  expect(budget.leftOut(60_000)).toEqual([]);
  expect(take("a", 60_000)).toBe(true);
});

test("a minute begins with the first line after the one before is over", () => {
  const budget = new LineBudget(1);
  expect([0, 60_000, 60_001].map((now) => budget.take("a", now))).toEqual([true, true, false]);
});

test("what was left out is told at the end, whenever that is", () => {
  const budget = new LineBudget(0);
  budget.take("a", 0);
  expect(budget.leftOut(1, true)).toEqual([["a", 1]]);
});
