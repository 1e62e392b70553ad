import { AnywireError } from "@anywire/types";

/**
 * When something is to happen. It is pure, and the same on all nodes, so that they agree on the ticks without asking
 * one another. What knows a calendar, such as a cron line in a time zone, is one as well.
 */
export interface Schedule {
  /** The first tick that is later than a time, both ms since the Unix epoch; null when none is. */
  next(afterMs: number): number | null;
}

/**
 * Ticks so far apart, counted from the Unix epoch.
 * @throws {AnywireError} `bad_request` when it is no whole number from 1.
 */
export function intervalSchedule(intervalMs: number): Schedule {
  if (!Number.isSafeInteger(intervalMs) || intervalMs < 1)
    throw new AnywireError("bad_request", `an interval is a whole number of ms, not ${intervalMs}`);
  return { next: (afterMs) => (Math.floor(afterMs / intervalMs) + 1) * intervalMs };
}
