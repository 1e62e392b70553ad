import { z } from "zod";

const SEGMENT = "[A-Za-z0-9_-]{1,64}";
const TOKEN = `(?:\\*|${SEGMENT})`;
const PATTERN = new RegExp(
  `^(?:>|${TOKEN}\\.>|${TOKEN}\\.${TOKEN}\\.>|${TOKEN}\\.${TOKEN}\\.${TOKEN})$`,
);

const ANY = "*".charCodeAt(0);
const REST = ">".charCodeAt(0);

/**
 * Whether a text is a channel pattern: three tokens, each a segment or `*` (one segment), or fewer
 * that end in `>` (the rest, at least one segment). A channel name is a pattern that matches itself.
 * @see https://docs.nats.io/nats-concepts/subjects#wildcards the same grammar
 */
export function isChannelPattern(text: string): boolean {
  return PATTERN.test(text);
}

/** Whether a valid pattern can match more than one channel. */
export function isWildcard(pattern: string): boolean {
  return pattern.includes("*") || pattern.endsWith(">");
}

/** Three tokens, `*` for any segment: the form every valid pattern reduces to. */
export type PatternTokens = readonly [platform: string, type: string, id: string];

/** A valid pattern as exactly three tokens; `a.>` becomes `["a", "*", "*"]`. */
export function patternTokens(pattern: string): PatternTokens {
  const tokens = pattern.split(".");
  if (tokens.at(-1) === ">") tokens.splice(-1, 1, "*", "*", "*");
  return [tokens[0] ?? "*", tokens[1] ?? "*", tokens[2] ?? "*"];
}

/** Whether a valid pattern matches a valid channel name. To try many patterns use `PatternMatcher`. */
export function matchesPattern(pattern: string, channel: string): boolean {
  // On the way of every message, so nothing is taken apart: both are walked token by token.
  let at = 0;
  let from = 0;
  while (at < pattern.length) {
    const token = pattern.charCodeAt(at);
    if (token === REST) return true;
    const end = endOfToken(pattern, at);
    const channelEnd = endOfToken(channel, from);
    if (token !== ANY && !isSameToken(pattern, at, end, channel, from, channelEnd)) return false;
    at = end + 1;
    from = channelEnd + 1;
  }
  return true;
}

function endOfToken(text: string, from: number): number {
  const dot = text.indexOf(".", from);
  return dot < 0 ? text.length : dot;
}

function isSameToken(
  pattern: string,
  at: number,
  end: number,
  channel: string,
  from: number,
  channelEnd: number,
): boolean {
  return end - at === channelEnd - from && channel.startsWith(pattern.slice(at, end), from);
}

/** Whether `wide` matches every channel that `narrow` can match; both are valid patterns. */
export function coversPattern(wide: string, narrow: string): boolean {
  const have = patternTokens(wide);
  const want = patternTokens(narrow);
  return have.every((token, i) => token === "*" || token === want[i]);
}

/** A channel pattern in a request, a token or a configuration. */
export const channelPatternSchema = z
  .string()
  .regex(PATTERN, "must be a channel pattern such as production.sms.* or production.>")
  .describe("A channel pattern: `*` is one segment, `>` the rest, such as `production.sms.*`.");
