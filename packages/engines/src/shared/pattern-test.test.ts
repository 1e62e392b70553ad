import { matchesPattern } from "@anywire/types";
import fc from "fast-check";
import { expect, it } from "vitest";
import { patternTest } from "./pattern-test.ts";

// Names that begin or end alike, where a comparison of prefixes could go wrong.
const segment = fc.constantFrom("a", "ab", "b", "sms", "sm");
const token = fc.oneof(segment, fc.constant("*"));
const pattern = fc.oneof(
  fc.tuple(token, token, token).map((tokens) => tokens.join(".")),
  fc.tuple(token, token).map((tokens) => `${tokens.join(".")}.>`),
  token.map((platform) => `${platform}.>`),
  fc.constant(">"),
);
const channel = fc.tuple(segment, segment, segment).map((segments) => segments.join("."));

it("matches exactly what the pattern grammar says", () => {
  fc.assert(
    fc.property(pattern, channel, (tested, name) => {
      expect(patternTest(tested)(name)).toBe(matchesPattern(tested, name));
    }),
    { numRuns: 2_000 },
  );
});
