import fc from "fast-check";
import { expect, test } from "vitest";
import { describeValue } from "./describe-value.ts";

const circle: Record<string, unknown> = {};
circle["self"] = circle;
const hostile = new Proxy(
  {},
  {
    get() {
      throw new Error("no");
    },
  },
);

test.each([
  [undefined, "nothing"],
  [null, "null"],
  ["a", 'the string "a"'],
  [7, "the number 7"],
  [7n, "the bigint 7"],
  [true, "the boolean true"],
  [() => {}, "a function"],
  [Symbol("x"), "a symbol"],
  [[1, 2], "an array, [1,2]"],
  [{ a: 1 }, 'an object, {"a":1}'],
  [new Map(), "an object of Map, {}"],
  [circle, "an object that is no JSON"],
  [hostile, "an object that is no JSON"],
  [Object.create(null), "an object, {}"],
])("case %#: it is told in a few words", (value, words) => {
  expect(describeValue(value)).toBe(words);
});

test("whatever it is, the words are few", () => {
  fc.assert(
    fc.property(fc.anything({ withBigInt: true, withDate: true, withMap: true }), (value) => {
      expect(describeValue(value).length).toBeLessThan(200);
    }),
  );
  expect(describeValue("x".repeat(1_000_000)).length).toBeLessThan(100);
});
