import { AnywireError, isSegment } from "@anywire/types";
import { z } from "zod";
import type { FunctionOptions } from "./definition.ts";
import { describeValue } from "./describe-value.ts";
import type { Trigger } from "./trigger.ts";

type OptionName = keyof FunctionOptions;

interface OptionRule {
  readonly schema: z.ZodType;
  /** What it must be, in words. */
  readonly must: string;
  /** Whose option it is. */
  readonly of: readonly Trigger[];
}

const AFTER = ["afterPublish", "afterSignal", "afterPresence"] as const;
const BEFORE = ["beforePublish", "beforeSignal"] as const;
const SCHEDULES = ["onInterval", "onCron"] as const;

const RULES: Readonly<Record<OptionName, OptionRule>> = {
  deadlineMs: wholeNumber(300_000, [...BEFORE, ...AFTER, "onRequest", ...SCHEDULES]),
  onFailure: {
    schema: z.enum(["deny", "allow"]),
    must: '"deny" or "allow"',
    of: BEFORE,
  },
  kinds: {
    schema: z.array(z.enum(["message", "edit", "data"])).min(1),
    must: 'a list of "message", "edit" and "data"',
    of: ["beforePublish", "afterPublish"],
  },
  maxAttempts: wholeNumber(100, AFTER),
  minBackoffMs: wholeNumber(86_400_000, AFTER),
  maxBackoffMs: wholeNumber(86_400_000, AFTER),
  auth: { schema: z.enum(["token", "none"]), must: '"token" or "none"', of: ["onRequest"] },
  platform: {
    schema: z.string().refine(isSegment),
    must: "1 to 64 letters, digits, _ or -",
    of: ["onRequest", ...SCHEDULES],
  },
  timeZone: {
    schema: z.string().refine(isTimeZone),
    must: "an IANA time zone, such as Europe/London",
    of: ["onCron"],
  },
};

function wholeNumber(most: number, of: readonly Trigger[]): OptionRule {
  // Not `toLocaleString`, which loads the tables of all languages into every thread that loads functions.
  const must = `a whole number from 1 to ${String(most).replace(/\B(?=(?:\d{3})+$)/g, ",")}`;
  return { schema: z.int().min(1).max(most), must, of };
}

/**
 * The options of a function, as they came, without what is undefined.
 * @throws {AnywireError} `bad_request` when one is none of that trigger's, or is out of its range.
 */
export function checkOptions(trigger: Trigger, given: unknown): FunctionOptions {
  if (given === undefined) return {};
  if (typeof given !== "object" || given === null) {
    throw refused(trigger, `the options are ${describeValue(given)}; they must be an object`);
  }
  const entries = Object.entries(given).filter(([, value]) => value !== undefined);
  for (const [name, value] of entries) checkOption(trigger, name, value);
  const options: FunctionOptions = Object.fromEntries(entries);
  const { minBackoffMs = 1, maxBackoffMs = Number.POSITIVE_INFINITY } = options;
  if (minBackoffMs <= maxBackoffMs) return options;
  throw refused(
    trigger,
    `the option minBackoffMs is ${minBackoffMs}, more than maxBackoffMs, ${maxBackoffMs}`,
  );
}

function checkOption(trigger: Trigger, name: string, value: unknown): void {
  const rule = Object.hasOwn(RULES, name) ? RULES[name as OptionName] : undefined;
  if (rule === undefined) {
    throw refused(trigger, `there is no option ${name}; take ${optionsOf(trigger).join(", ")}`);
  }
  if (!rule.of.includes(trigger)) {
    throw refused(trigger, `${name} is an option of ${rule.of.join(", ")}`);
  }
  if (rule.schema.safeParse(value).success) return;
  throw refused(trigger, `the option ${name} is ${describeValue(value)}; it must be ${rule.must}`);
}

function optionsOf(trigger: Trigger): string[] {
  return Object.entries(RULES).flatMap(([name, rule]) => (rule.of.includes(trigger) ? [name] : []));
}

function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat("en", { timeZone: name });
    return true;
  } catch {
    return false;
  }
}

function refused(trigger: Trigger, message: string): AnywireError {
  return new AnywireError("bad_request", `${trigger}: ${message}`);
}
