import type { Answer } from "./channel-functions.ts";
import type { FunctionContext } from "./context.ts";
import { defineFunction } from "./define-function.ts";
import type { FunctionDefinition, FunctionOptions } from "./definition.ts";
import type { ScheduleEvent } from "./function-events.ts";
import type { OkResult } from "./results.ts";

/** Options of a function that runs at intervals. */
export type IntervalOptions = Pick<FunctionOptions, "deadlineMs" | "platform">;

/** Options of a function that runs at times of the calendar. */
export type CronOptions = Pick<FunctionOptions, "deadlineMs" | "platform" | "timeZone">;

/** What an author writes for a schedule. */
export type ScheduleHandler = (event: ScheduleEvent, context: FunctionContext) => Answer<OkResult>;

/**
 * A function that runs again and again, once in the whole cluster each time: every `"30s"`, `"10m"`, `"1h"`, or so many
 * milliseconds, from 1 second to 24 hours. What fails is not tried again before the next time.
 *
 * ```ts
 * export default onInterval("10m", async (event, { kv, log }) => {
 *   log.info("still here", { runs: await kv.increment("runs") });
 * });
 * ```
 * @throws {AnywireError} `bad_request` that says which argument is wrong.
 */
export function onInterval(
  every: string | number,
  handler: ScheduleHandler,
  options?: IntervalOptions,
): FunctionDefinition<"onInterval"> {
  return defineFunction("onInterval", every, handler, options);
}

/**
 * A function that runs at times of the calendar, once in the whole cluster each time: minute, hour, day, month and weekday, with
 * seconds before them if need be, in UTC or a time zone of its own.
 *
 * ```ts
 * export default onCron("0 9 * * 1-5", async (event, { publish }) => {
 *   await publish("production.group.team", "Good morning");
 * }, { timeZone: "Europe/London" });
 * ```
 * @throws {AnywireError} `bad_request` that says which argument is wrong.
 */
export function onCron(
  expression: string,
  handler: ScheduleHandler,
  options?: CronOptions,
): FunctionDefinition<"onCron"> {
  return defineFunction("onCron", expression, handler, options);
}
