import { AnywireError, isChannelPattern, patternTokens, QUIET_TYPES } from "@anywire/types";
import { createCronSchedule } from "./cron-schedule.ts";
import { describeValue } from "./describe-value.ts";
import { formatRequestBinding, parseRequestBinding } from "./request-binding.ts";
import type { Trigger } from "./trigger.ts";

/** What only the server writes to: no function is bound to it. */
const SERVER_TYPES: readonly string[] = [...QUIET_TYPES, "presence"];

const UNITS: Readonly<Record<string, number>> = {
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};
const MIN_INTERVAL_MS = 1_000;
const MAX_INTERVAL_MS = 86_400_000;
const MAX_CRON_LENGTH = 256;

/** What a binding must be, by trigger: gives it in the form of `FunctionDescription`, or throws words for the author. */
const CHECKS: Readonly<Record<Trigger, (given: unknown) => string>> = {
  beforePublish: checkPattern,
  beforeSignal: checkPattern,
  afterPublish: checkPattern,
  afterSignal: checkPattern,
  afterPresence: checkPattern,
  onRequest: checkRequest,
  onInterval: checkInterval,
  onCron: checkCron,
};

/**
 * What a function is bound to, in the form of `FunctionDescription`.
 * @throws {AnywireError} `bad_request` when no function of that trigger can be bound to it.
 */
export function checkBinding(trigger: Trigger, given: unknown): string {
  try {
    return CHECKS[trigger](given);
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new AnywireError("bad_request", `${trigger}: ${why}`, { cause });
  }
}

/** Whether only the server writes to channels of a type. */
export function isServerType(type: string): boolean {
  return SERVER_TYPES.includes(type);
}

function checkPattern(given: unknown): string {
  if (typeof given !== "string" || !isChannelPattern(given)) {
    throw new TypeError(
      `the channel pattern is ${describeValue(given)}; it must be platform.type.id with * for any one segment or a final > for the rest, such as *.sms.* or production.>`,
    );
  }
  const [, type] = patternTokens(given);
  if (!isServerType(type)) return given;
  throw new TypeError(
    `the pattern ${given} names the channel type ${type}, which only the server writes to; functions run for what others say`,
  );
}

function checkRequest(given: unknown): string {
  const binding = typeof given === "string" ? parseRequestBinding(given) : undefined;
  if (binding !== undefined) return formatRequestBinding(binding);
  throw new TypeError(
    `the route is ${describeValue(given)}; it must be a method, * for any, and a path, such as POST /tickets/:id or GET /files/*`,
  );
}

function checkInterval(given: unknown): string {
  const ms = typeof given === "string" ? parseInterval(given) : given;
  if (typeof ms === "number" && Number.isInteger(ms)) {
    if (ms >= MIN_INTERVAL_MS && ms <= MAX_INTERVAL_MS) return String(ms);
  }
  throw new TypeError(
    `the interval is ${describeValue(given)}; it must be a time from 1 second to 24 hours, such as "30s", "10m", "1h", or whole milliseconds`,
  );
}

/** Digits alone are milliseconds, the form of `FunctionDescription`. */
function parseInterval(text: string): number | undefined {
  const [, count, unit = ""] = /^(\d{1,9})([smhd])?$/.exec(text) ?? [];
  return count === undefined ? undefined : Number(count) * (UNITS[unit] ?? 1);
}

function checkCron(given: unknown): string {
  const hint =
    'it must be minute, hour, day, month and weekday, such as "0 9 * * 1-5", with seconds before them if need be';
  const refuse = (why: string, cause?: unknown): never => {
    throw new TypeError(`the cron expression is ${describeValue(given)}${why}; ${hint}`, { cause });
  };
  if (typeof given !== "string") return refuse("");
  if (given.length > MAX_CRON_LENGTH) return refuse(` of more than ${MAX_CRON_LENGTH} characters`);
  try {
    if (createCronSchedule(given)(Date.now()) !== null) return given;
  } catch (cause) {
    const why = cause instanceof Error ? cause.message.replace(/^CronPattern: /, "") : "";
    return refuse(`, which is none (${why})`, cause);
  }
  return refuse(", a moment that never comes");
}
