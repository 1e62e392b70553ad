import { expect, test, vi } from "vitest";
import { utils } from "./utils.ts";

test("randomInt gives every whole number from the first to below the last, and no other", () => {
  const random = vi.spyOn(Math, "random");
  try {
    const drawn = [0, 0.49, 0.5, 0.999_999].map((value) => {
      random.mockReturnValueOnce(value);
      return utils.randomInt(5, 7);
    });
    expect(drawn).toEqual([5, 5, 6, 6]);
  } finally {
    random.mockRestore();
  }
});

test("randomInt refuses a range without a whole number in it", () => {
  expect(() => utils.randomInt(5, 5)).toThrow("there is no whole number from 5 to below 5");
  expect(() => utils.randomInt(Number.NaN, 5)).toThrow("utils.randomInt");
});

test.each([0, -17, 3.14, "42", "-1.5e3", " 7 "])("%j is numeric", (value) => {
  expect(utils.isNumeric(value)).toBe(true);
});

test.each(["five", "12 apples", "", " ", null, undefined, Number.NaN, {}, [], true])(
  "%j is not numeric",
  (value) => {
    expect(utils.isNumeric(value)).toBe(false);
  },
);

test("random is from 0 to below 1", () => {
  const value = utils.random();
  expect(value >= 0 && value < 1).toBe(true);
});
