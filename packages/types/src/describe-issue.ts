import type { z } from "zod";

/** How zod's own messages begin; all others were written for people. */
const OWN = /^(?:Invalid |Too (?:small|big): |Unrecognized key)/;

const KINDS: Readonly<Record<string, string>> = {
  string: "a text",
  number: "a number",
  int: "a whole number",
  boolean: "true or false",
  array: "a list",
  object: "an object",
  record: "an object",
  null: "null",
};

/** What sizes are counted in, by what has one. */
const UNITS: Readonly<Record<string, string>> = { string: "character", array: "item", set: "item" };

/**
 * What a schema found, in words that follow the name of the field: `is missing`, `must be a text`. Messages that a schema was given
 * for people stay as they are.
 * @param input what was checked, where it is at hand
 */
export function describeIssue(issue: z.core.$ZodIssue, input?: unknown): string {
  if (!OWN.test(issue.message)) return issue.message;
  const isMissing =
    input === undefined
      ? issue.message.endsWith("received undefined")
      : valueAt(input, issue.path) === undefined;
  if (isMissing && issue.code !== "custom" && issue.code !== "invalid_key") return "is missing";
  switch (issue.code) {
    case "invalid_type":
      return `must be ${KINDS[issue.expected] ?? issue.expected}`;
    case "invalid_value":
      return `must be ${oneOf(issue.values)}`;
    case "too_small":
    case "too_big":
      return size(issue);
    case "not_multiple_of":
      return `must be a multiple of ${issue.divisor}`;
    case "unrecognized_keys":
      return `must not have ${issue.keys.map((key) => JSON.stringify(key)).join(", ")}, which is unknown`;
    case "invalid_format":
      return format(issue);
    case "invalid_union":
      return union(issue);
    case "invalid_key":
      return `has a name that can't be: ${issue.issues.map((one) => one.message).join("; ")}`;
    default:
      return "is not right";
  }
}

function valueAt(input: unknown, path: readonly PropertyKey[]): unknown {
  let value = input;
  for (const key of path) {
    if (typeof value !== "object" || value === null) return undefined;
    value = (value as Readonly<Record<PropertyKey, unknown>>)[key];
  }
  return value;
}

function oneOf(values: readonly unknown[]): string {
  const shown = values.map((value) => JSON.stringify(value) ?? String(value));
  return shown.length === 1 ? shown.join() : `one of ${shown.join(", ")}`;
}

function size(issue: z.core.$ZodIssueTooSmall | z.core.$ZodIssueTooBig): string {
  const isLower = issue.code === "too_small";
  const bound = isLower ? issue.minimum : issue.maximum;
  const unit = UNITS[issue.origin];
  const [at, beyond] = isLower ? ["at least", "more than"] : ["at most", "less than"];
  const side = issue.inclusive === false ? beyond : at;
  if (unit === undefined) return `must be ${side} ${bound}`;
  const sized = `${bound} ${unit}${Number(bound) === 1 ? "" : "s"}`;
  return `must have ${issue.exact === true ? "exactly" : side} ${sized}`;
}

function format({ format: name, message }: z.core.$ZodIssueInvalidStringFormat): string {
  const [, rule] = /^Invalid string: (must .+)$/.exec(message) ?? [];
  if (rule !== undefined) return rule;
  // Such as `Invalid URL`, `Invalid email address`.
  const what = message.replace(/^Invalid /, "");
  return what === message ? `must be of the form ${name}` : `must be ${article(what)} ${what}`;
}

function article(what: string): string {
  return /^(?:[aeio]|I[PS])/.test(what) ? "an" : "a";
}

function union(issue: z.core.$ZodIssueInvalidUnion): string {
  const options = "options" in issue ? issue.options : undefined;
  if (Array.isArray(options)) return `must be ${oneOf(options)}`;
  return "has none of the forms that it may have";
}
