import type { LogQuery } from "@anywire/core";
import { patternTokens } from "@anywire/types";
import { patternTest } from "./pattern-test.ts";

/** Whether a query is for channels of all types save the private one. */
export function leavesOutNotifications({
  pattern,
  withoutNotifications = false,
}: Pick<LogQuery, "pattern" | "withoutNotifications">): boolean {
  return withoutNotifications && patternTokens(pattern)[1] === "*";
}

/** A test for many channel names against one query. */
export function queryTest(query: LogQuery): (channel: string) => boolean {
  const matches = patternTest(query.pattern);
  if (!leavesOutNotifications(query)) return matches;
  const isNotification = patternTest("*.notification.*");
  return (channel) => matches(channel) && !isNotification(channel);
}
