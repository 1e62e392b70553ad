import fc from "fast-check";
import { expect, test } from "vitest";
import { parseRange } from "./byte-range.ts";

test.each([
  ["BYTES=0-1", { start: 0, end: 2 }],
  ["bytes= 0 - 1 ", { start: 0, end: 2 }],
  ["bytes=3-3", { start: 3, end: 4 }],
  ["bytes=0-99999999999999999999999999", { start: 0, end: 10 }],
  ["bytes=-99999999999999999999999999", { start: 0, end: 10 }],
  ["bytes=-", undefined],
  ["bytes=", undefined],
  ["bytes=+1-2", undefined],
  ["bytes=0x1-2", undefined],
  ["bytes=1-2;", undefined],
  ["", undefined],
  [undefined, undefined],
])("of ten bytes %s means %o", (header, range) => {
  expect(parseRange(header, 10)).toEqual(range);
});

test.each(["bytes=10-", "bytes=10-20", "bytes=-0", "bytes=99999999999999999999999999-"])(
  "of ten bytes %s means none that exist, and the error says how many there are",
  (header) => {
    const details = { contentRange: "bytes */10" };
    const unsatisfiable = { code: "range_not_satisfiable", details };
    expect(() => parseRange(header, 10)).toThrow(expect.objectContaining(unsatisfiable));
  },
);

test("of nothing no range exists", () => {
  for (const header of ["bytes=0-", "bytes=0-0", "bytes=-1"]) {
    expect(() => parseRange(header, 0)).toThrow(/only 0 bytes/);
  }
});

test("a range that is given lies within what there is, whatever was asked for", () => {
  const bound = fc.option(fc.nat(300), { nil: "" });
  fc.assert(
    fc.property(bound, bound, fc.integer({ min: 1, max: 200 }), (first, last, size) => {
      const range = rangeOrNone(`bytes=${first}-${last}`, size);
      if (range === undefined) return;
      expect(range.start).toBeGreaterThanOrEqual(0);
      expect(range.end).toBeGreaterThan(range.start);
      expect(range.end).toBeLessThanOrEqual(size);
    }),
  );
});

function rangeOrNone(header: string, size: number) {
  try {
    return parseRange(header, size);
  } catch {
    return undefined;
  }
}
