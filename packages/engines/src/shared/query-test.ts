import type { LogQuery } from "@anywire/core";
import { namesQuietType, patternTokens } from "@anywire/types";
import { patternTest } from "./pattern-test.ts";

/** Whether a query is for channels of all types save the quiet ones. */
export function leavesOutQuiet({
  pattern,
  withoutQuiet = false,
}: Pick<LogQuery, "pattern" | "withoutQuiet">): boolean {
  return withoutQuiet && patternTokens(pattern)[1] === "*";
}

/** A test for many channel names against one query. */
export function queryTest(query: LogQuery): (channel: string) => boolean {
  const matches = patternTest(query.pattern);
  if (!leavesOutQuiet(query)) return matches;
  return (channel) => matches(channel) && !namesQuietType(channel);
}
