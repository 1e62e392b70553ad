import { Cron } from "croner";

/** When a cron function runs next, after a moment; both ms since the Unix epoch, null for never. Pure: the same on every node. */
export type CronSchedule = (afterMs: number) => number | null;

/**
 * The moments that a cron expression of 5 fields, or 6 with seconds first, names in a time zone.
 * @throws {Error} when it is none.
 */
export function createCronSchedule(expression: string, timeZone = "UTC"): CronSchedule {
  const cron = new Cron(expression, { mode: "5-or-6-parts", timezone: timeZone });
  return (afterMs) => cron.nextRun(new Date(afterMs))?.getTime() ?? null;
}
