import { expect, test } from "vitest";
import {
  checkAddend,
  checkKeepOptions,
  checkKey,
  checkListOptions,
  checkRevision,
  toValueJson,
} from "./key-value-bounds.ts";

const badRequest = expect.objectContaining({ code: "bad_request" });

test("a key has 1 to 256 characters", () => {
  expect(checkKey("k".repeat(256))).toHaveLength(256);
  expect(checkKey("a.é/🕊 ")).toBe("a.é/🕊 ");
  for (const key of ["", "k".repeat(257), "a\0", "\ud800", 7, undefined, null]) {
    expect(() => checkKey(key)).toThrow(badRequest);
  }
});

test("a value is JSON of at most 65,536 characters", () => {
  expect(toValueJson("k", "x".repeat(65_534))).toHaveLength(65_536);
  expect(() => toValueJson("k", "x".repeat(65_535))).toThrow(
    expect.objectContaining({ code: "too_large" }),
  );
  const deep = JSON.parse(`${"[".repeat(30_000)}${"]".repeat(30_000)}`);
  expect(() => toValueJson("k", deep)).toThrow("the value of k is nested deeper than 256 levels");
  expect(toValueJson("k", null)).toBe("null");
  expect(toValueJson("k", "\ud800")).toBe('"\\ud800"');
  const circle: unknown[] = [];
  circle.push(circle);
  for (const value of [undefined, () => {}, 7n, circle]) {
    expect(() => toValueJson("k", value)).toThrow(badRequest);
    expect(() => toValueJson("k", value)).toThrow("it must be JSON");
  }
});

test("numbers are whole and in their range", () => {
  expect(checkKeepOptions({ ttlMs: 31_536_000_000 })).toEqual({ ttlMs: 31_536_000_000 });
  expect(checkKeepOptions(undefined)).toEqual({});
  for (const ttlMs of [0, 31_536_000_001, 1.5, "1" as never]) {
    expect(() => checkKeepOptions({ ttlMs })).toThrow("ttlMs is");
  }
  expect(checkListOptions()).toEqual({ prefix: "", after: "", limit: 100 });
  for (const options of [{ limit: 0 }, { limit: 1_001 }, { prefix: 7 as never }, { after: "\0" }]) {
    expect(() => checkListOptions(options)).toThrow(badRequest);
  }
  expect(checkAddend(-3)).toBe(-3);
  expect(() => checkAddend(0.5)).toThrow("what to add is the number 0.5");
  expect(checkRevision(0)).toBe(0);
  expect(() => checkRevision(-1)).toThrow("the revision is the number -1");
});
