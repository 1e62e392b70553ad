import fc from "fast-check";
import { expect, test } from "vitest";
import { isChannelName } from "./channel-name.ts";
import {
  channelPatternSchema,
  coversPattern,
  isChannelPattern,
  isWildcard,
  matchesPattern,
  patternTokens,
} from "./channel-pattern.ts";

/** Two letters a segment: few enough names to try them all, and one of them begins like the other. */
const LETTERS = ["a", "ab"];
const CHANNELS = LETTERS.flatMap((p) =>
  LETTERS.flatMap((t) => LETTERS.map((i) => `${p}.${t}.${i}`)),
);
const TOKENS = [...LETTERS, "*"];
const PATTERNS = [
  ">",
  ...TOKENS.map((p) => `${p}.>`),
  ...TOKENS.flatMap((p) => TOKENS.map((t) => `${p}.${t}.>`)),
  ...TOKENS.flatMap((p) => TOKENS.flatMap((t) => TOKENS.map((i) => `${p}.${t}.${i}`))),
];

/** The grammar said again, as slowly and plainly as can be. */
function isMatch(pattern: string, channel: string): boolean {
  const tokens = pattern.split(".");
  const segments = channel.split(".");
  if (tokens.at(-1) === ">") {
    tokens.pop();
    segments.length = tokens.length;
  }
  return tokens.every((token, i) => token === "*" || token === segments[i]);
}

test("every pattern matches exactly the channels that its tokens say", () => {
  for (const pattern of PATTERNS) {
    expect(isChannelPattern(pattern)).toBe(true);
    for (const channel of CHANNELS) {
      expect([pattern, channel, matchesPattern(pattern, channel)]).toEqual([
        pattern,
        channel,
        isMatch(pattern, channel),
      ]);
    }
  }
});

test("a pattern covers another exactly when it matches every channel the other does", () => {
  for (const wide of PATTERNS) {
    for (const narrow of PATTERNS) {
      const matched = CHANNELS.filter((channel) => isMatch(narrow, channel));
      const covers = matched.every((channel) => isMatch(wide, channel));
      expect([wide, narrow, coversPattern(wide, narrow)]).toEqual([wide, narrow, covers]);
    }
  }
});

test("a pattern is a wildcard exactly when it matches more than one channel", () => {
  for (const pattern of PATTERNS) {
    const matched = CHANNELS.filter((channel) => isMatch(pattern, channel));
    expect([pattern, isWildcard(pattern)]).toEqual([pattern, matched.length > 1]);
  }
});

test("a pattern's three tokens are a pattern that matches the same", () => {
  for (const pattern of PATTERNS) {
    const plain = patternTokens(pattern).join(".");
    expect(coversPattern(plain, pattern) && coversPattern(pattern, plain)).toBe(true);
  }
});

test("a channel name is a pattern that matches itself and nothing else", () => {
  const segment = fc.stringMatching(/^[A-Za-z0-9_-]{1,64}$/);
  const name = fc.tuple(segment, segment, segment).map((segments) => segments.join("."));
  fc.assert(
    fc.property(name, name, (one, other) => {
      expect(isChannelPattern(one)).toBe(true);
      expect(isWildcard(one)).toBe(false);
      expect(matchesPattern(one, one)).toBe(true);
      expect(matchesPattern(one, other)).toBe(one === other);
    }),
  );
});

test.each([
  "",
  ".",
  "*",
  "a",
  "a.b",
  "*.*",
  "a.b.c.>",
  "a.b.c.d",
  ">.a.b",
  "a.>.c",
  "a.b*.c",
  "a.**.c",
  "a.b.c\n",
  "a..>",
  "a.b.",
  "a.b.c ",
  `${"a".repeat(65)}.>`,
])("%j is no pattern", (text) => {
  expect(isChannelPattern(text)).toBe(false);
  expect(channelPatternSchema.safeParse(text).success).toBe(false);
});

test("any text is a pattern exactly when its wildcards can be filled in to a channel name", () => {
  fc.assert(
    fc.property(fc.stringMatching(/^[a*>.]{0,9}$/), (text) => {
      const [, stem, rest] = /^(.*?)(>?)$/.exec(text) ?? [];
      const filled = (stem ?? "").replaceAll(/(?<=^|\.)\*(?=\.|$)/g, "a");
      const endings = rest === ">" ? ["a", "a.a", "a.a.a"] : [""];
      const isPattern = endings.some((ending) => isChannelName(filled + ending));
      expect([text, isChannelPattern(text)]).toEqual([text, isPattern && !/[^.]>$/.test(text)]);
    }),
    { numRuns: 2000 },
  );
});
