import fc from "fast-check";
import { expect, it } from "vitest";
import { compareUtf8 } from "./compare-utf8.ts";

// Characters on both sides of where UTF-16 sorts otherwise.
const text = fc
  .array(
    fc.constantFrom("a", "z", "\u00e9", "\ud7ff", "\uf8ff", "\uff01", "\u{10000}", "\u{1F44D}"),
  )
  .map((characters) => characters.join(""));

it("compares as the bytes of UTF-8 do", () => {
  fc.assert(
    fc.property(text, text, (a, b) => {
      const asBytes = Buffer.compare(Buffer.from(a), Buffer.from(b));
      expect(Math.sign(compareUtf8(a, b))).toBe(asBytes);
    }),
    { numRuns: 2_000 },
  );
});
