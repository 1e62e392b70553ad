import fc from "fast-check";
import { expect, it } from "vitest";
import { decodeKey, encodeKey, keyFilter } from "./nats-key-value-key.ts";

/** What a bucket takes as a key, and a server as a subject. */
const VALID = /^[-/=\w]+(\.[-/=\w]+)*$/;
const LONGEST = 512;

const key = fc
  .array(
    fc.oneof(
      fc.constantFrom(".", "..", "*", ">", "=", " ", "a", "é"),
      fc.string({ unit: "binary" }),
    ),
  )
  .map((parts) => parts.join("").replaceAll("\0", "").slice(0, LONGEST).toWellFormed())
  .filter((text) => text !== "");

it("writes any key as a valid one, and reads it back", () => {
  fc.assert(
    fc.property(key, (text) => {
      const encoded = encodeKey(text);
      expect(encoded).toMatch(VALID);
      expect(decodeKey(encoded)).toBe(text);
    }),
  );
});

it("leaves plain keys as they are, and the longest short enough for a server's line", () => {
  expect(encodeKey("fn.production/counter-1.A_b")).toBe("fn.production/counter-1.A_b");
  for (const part of ["€", ".", "€.", "\u{1f54a}", "a ", "€€€."]) {
    const longest = part.repeat(LONGEST / part.length);
    expect(encodeKey(longest).length).toBeLessThan(3_100);
  }
});

it("filters without leaving out a key that has the prefix", () => {
  fc.assert(
    fc.property(key, fc.nat(), (text, length) => {
      const filter = keyFilter(text.slice(0, length % (text.length + 1)));
      expect(filter.endsWith(">")).toBe(true);
      const encoded = encodeKey(text);
      expect(encoded.startsWith(filter.slice(0, -1)) && encoded.length >= filter.length).toBe(true);
    }),
  );
  expect(keyFilter("fn.production.co")).toBe("fn.production.>");
});
