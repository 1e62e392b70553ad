import { inspect } from "node:util";
import type { z } from "zod";
import { type ConfigField, configFields, configSections } from "./config-fields.ts";
import { didYouMean } from "./did-you-mean.ts";
import type { RawConfig } from "./raw-config.ts";

/** One sentence for each thing that the schema found: what is wrong with which field, and where it was set. */
export function describeIssues(issues: readonly z.core.$ZodIssue[], raw: RawConfig): string[] {
  return issues.flatMap((issue) =>
    issue.code === "unrecognized_keys"
      ? issue.keys.map((key) => unknownKey([...issue.path, key].join("."), knownNames()))
      : [describeIssue(issue, raw)],
  );
}

function unknownKey(name: string, known: readonly string[]): string {
  return `${name} is unknown.${didYouMean(name, known)}`;
}

function knownNames(): string[] {
  const sections = configSections().filter(({ name }) => name !== "");
  return [...configFields(), ...sections].map(({ name }) => name);
}

function describeIssue(issue: z.core.$ZodIssue, raw: RawConfig): string {
  const path = issue.path.join(".");
  const field = configFields().find(({ name }) => `${path}.`.startsWith(`${name}.`));
  if (field === undefined) return `${path} must be a section of fields, not ${show(raw.get(path))}`;
  const origin = raw.origins.get(field.name);
  const where = origin === undefined ? "" : ` (from ${origin})`;
  if (issue.code === "invalid_key") return `${nameProblem(issue)}${where}`;
  if (isOurs(issue, field)) return `${path} ${issue.message}${where}`;
  const found = field.kind.startsWith("secret") ? "" : `, not ${show(raw.get(field.name))}`;
  return `${field.name} must be ${field.allowed}${found}${where}`;
}

/** What is wrong with a name that is the user's own, such as that of a secret. */
function nameProblem({ path, issues }: z.core.$ZodIssueInvalidKey): string {
  return `${path.slice(0, -1).join(".")}: the name ${show(path.at(-1))} ${issues[0]?.message}`;
}

/** Whether the message was written in the schema; zod's own ones say less than what is allowed. */
function isOurs(issue: z.core.$ZodIssue, field: ConfigField): boolean {
  return issue.code === "custom" || (issue.code === "invalid_format" && field.kind === "list");
}

function show(value: unknown): string {
  const text = inspect(value, {
    depth: 1,
    breakLength: Number.POSITIVE_INFINITY,
    maxStringLength: 100,
  });
  return text.length > 120 ? `${text.slice(0, 120)}…` : text;
}
