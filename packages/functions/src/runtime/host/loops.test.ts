import { expect, test } from "vitest";
import { traceThrough } from "./loops.ts";

test("a function's name is added to the way", () => {
  expect(traceThrough({ id: "e", via: ["a"] }, "b", 2)).toEqual({ id: "e", via: ["a", "b"] });
});

test("a way that is too long is refused, and the circle in it is named", () => {
  const through = (via: readonly string[], name: string) => () =>
    traceThrough({ id: "e", via }, name, 3);
  expect(through(["a", "b", "a"], "b")).toThrow("functions go in a circle, b → a → b");
  expect(through(["a", "a", "a"], "a")).toThrow("functions go in a circle, a → a:");
  expect(through(["a", "b", "c"], "d")).toThrow("the functions a → b → c → d follow");
  expect(through(["a", "b", "c"], "d")).toThrow(
    expect.objectContaining({ code: "limit_exceeded", details: { maxHops: 3, via: [..."abcd"] } }),
  );
});
