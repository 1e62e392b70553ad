import { expect, test } from "vitest";
import { shorten, toLogFields } from "./log-fields.ts";
import { createRedact } from "./redact.ts";

const redact = createRedact({ key: "s3cret", longer: "s3cret-and-more", pin: "123", odd: "a.*(" });

test("secrets are taken out of texts, the longer one first, and short ones stay", () => {
  expect(redact("s3cret s3cret-and-more 123 a.*( axx(")).toBe("*** *** 123 *** axx(");
  expect(createRedact({})("s3cret")).toBe("s3cret");
});

test("secrets are taken out where they stand as JSON or in an address", () => {
  // A key of several lines in a logged JSON text, or a token in the address of a request that failed, was there to be read.
  const hide = createRedact({ key: 'line "1"\nline 2', token: "a/b+c=" });
  expect(hide(JSON.stringify({ key: 'line "1"\nline 2' }))).toBe('{"key":"***"}');
  expect(hide(`GET https://example.org/?token=${encodeURIComponent("a/b+c=")} failed`)).toBe(
    "GET https://example.org/?token=*** failed",
  );
});

test("secrets are taken out of fields, however deep, and of their names", () => {
  expect(toLogFields({ s3cret: [{ a: "is s3cret" }] }, redact)).toEqual({
    "***": [{ a: "is ***" }],
  });
});

test("what is no JSON is described", () => {
  const circle: Record<string, unknown> = {};
  circle["self"] = circle;
  const fields = toLogFields(
    {
      ...{
        big: 1n,
        not: Number.NaN,
        none: undefined,
        at: new Date(0),
        never: new Date(Number.NaN),
      },
      ...{ map: new Map([["a", 1]]), set: new Set([1]), bytes: new Uint8Array(3), circle },
      ...{ error: new Error("boom"), ["__proto__"]: 1 },
    },
    redact,
  );
  expect(JSON.parse(JSON.stringify(fields))).toMatchObject({
    ...{ big: "1", not: "NaN", none: "undefined", at: "1970-01-01T00:00:00.000Z" },
    ...{ never: "no date", map: [["a", 1]], set: [1], bytes: "3 bytes" },
    error: expect.stringContaining("boom"),
  });
  expect(JSON.stringify(fields["circle"])).toContain("…");
  expect(Object.hasOwn(fields, "__proto__")).toBe(true);
});

test("fields have a bound, in all ways", () => {
  const many = Object.fromEntries(Array.from({ length: 1_000 }, (_, i) => [`f${i}`, i]));
  expect(Object.keys(toLogFields(many, redact)).length).toBe(100);
  expect(toLogFields({ long: "x".repeat(5_000) }, redact)["long"]).toBe(`${"x".repeat(1_024)}…`);
  const wide = Array.from({ length: 100 }, () => "x".repeat(1_000));
  expect(toLogFields({ wide }, redact)).toEqual({
    leftOut: expect.stringContaining("at most 16384"),
  });
});

test("a text is not cut within a character", () => {
  expect(shorten("a😀", 2)).toBe("a…");
  expect(shorten("a😀", 3)).toBe("a😀");
});
