import fc from "fast-check";
import { expect, test } from "vitest";
import { matchesPattern } from "./channel-pattern.ts";
import { PatternMatcher } from "./pattern-matcher.ts";

const segment = fc.constantFrom("a", "ab", "b");
const token = fc.oneof(segment, fc.constant("*"));
const channel = fc.tuple(segment, segment, segment).map((segments) => segments.join("."));
const pattern = fc.oneof(
  fc.constant(">"),
  token.map((platform) => `${platform}.>`),
  fc.tuple(token, token).map(([platform, type]) => `${platform}.${type}.>`),
  fc.tuple(token, token, token).map((tokens) => tokens.join(".")),
);
const step = fc.record({
  kind: fc.constantFrom("add", "add", "delete"),
  pattern,
  value: fc.integer({ min: 0, max: 3 }),
});

/** `a.>` and `a.*.*` are the same pattern to a matcher. */
function pairKey(text: string, value: number): string {
  const tokens = text.split(".");
  if (tokens.at(-1) === ">") tokens.splice(-1, 1, "*", "*", "*");
  return `${tokens.slice(0, 3).join(".")} ${value}`;
}

test("after any adds and deletes it finds what trying every pattern finds", () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), channel, (steps, name) => {
      const matcher = new PatternMatcher<number>();
      const pairs = new Map<string, { pattern: string; value: number }>();
      for (const { kind, pattern: text, value } of steps) {
        const key = pairKey(text, value);
        if (kind === "add") {
          matcher.add(text, value);
          pairs.set(key, { pattern: text, value });
        } else {
          expect(matcher.delete(text, value)).toBe(pairs.delete(key));
        }
        expect(matcher.size).toBe(pairs.size);
      }
      const naive = [...pairs.values()].filter((pair) => matchesPattern(pair.pattern, name));
      const expected = naive.map(({ value }) => value).sort();
      expect(matcher.match(name).sort()).toEqual(expected);
    }),
    { numRuns: 3000 },
  );
});

test("a matcher that everything was taken out of matches nothing and says so", () => {
  const matcher = new PatternMatcher<string>();
  matcher.add("a.>", "x");
  matcher.add("a.*.*", "x");
  expect(matcher.size).toBe(1);
  expect(matcher.delete("a.*.>", "x")).toBe(true);
  expect(matcher.delete("a.>", "x")).toBe(false);
  expect([matcher.size, matcher.match("a.b.c")]).toEqual([0, []]);
});

test("names that objects have by nature are names like any other", () => {
  const matcher = new PatternMatcher<number>();
  expect(matcher.match("__proto__.constructor.toString")).toEqual([]);
  matcher.add("__proto__.constructor.*", 1);
  expect(matcher.match("__proto__.constructor.toString")).toEqual([1]);
});

test("a value may take itself out while it is being told of a match", () => {
  const matcher = new PatternMatcher<string>();
  for (const value of ["x", "y", "z"]) matcher.add("a.*.c", value);
  const visited: string[] = [];
  matcher.forEachMatch("a.b.c", (value) => {
    visited.push(value);
    matcher.delete("a.*.c", value);
  });
  expect(visited).toEqual(["x", "y", "z"]);
  expect(matcher.size).toBe(0);
});
