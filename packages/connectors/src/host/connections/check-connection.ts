import { isDeepStrictEqual } from "node:util";
import type { ConnectionDocument } from "@anywire/core";
import { AnywireError, describeIssue, type Problem } from "@anywire/types";
import { z } from "zod";
import type { Connector } from "../../contract/connector.ts";

type FieldError = NonNullable<Problem["errors"]>[number];

/** Something that is not right, and what is said of it. */
interface Wrong extends FieldError {
  readonly sentence: string;
}

type Settings = Readonly<Record<string, unknown>>;

/** More are of no help to a person. */
const MAX_ERRORS = 20;

/**
 * Lets pass what a connection is made with: settings that suit its connector, and all secrets that it needs.
 * @throws {AnywireError} `bad_request` with `errors` in its details that name settings and secrets, never a secret's value
 */
export function assertWhole(
  connector: Connector,
  settings: unknown,
  secrets: readonly string[],
): void {
  refuse(connector, [...wrongSettings(connector, settings), ...wrongSecrets(connector, secrets)]);
}

/**
 * Lets settings pass that suit a connector.
 * @throws {AnywireError} `bad_request` with `errors` in its details, one for each wrong setting
 */
export function assertSettings(connector: Connector, settings: unknown): void {
  refuse(connector, wrongSettings(connector, settings));
}

/**
 * Lets secrets pass that a connector knows; all that it needs must be among those there are.
 * @throws {AnywireError} `bad_request` that names secrets, never a value
 */
export function assertSecrets(
  connector: Connector,
  given: readonly string[],
  kept: readonly string[] = [],
): void {
  refuse(connector, wrongSecrets(connector, given, kept));
}

function wrongSettings({ id, configSchema }: Connector, settings: unknown): Wrong[] {
  const { error } = configSchema.safeParse(settings);
  if (error === undefined) return [];
  const described = z.toJSONSchema(configSchema, { io: "input", unrepresentable: "any" });
  return error.issues.slice(0, MAX_ERRORS).map((issue) => {
    const name = issue.path.map(String).join(".");
    const path = name === "" ? "settings" : `settings.${name}`;
    const words = describeIssue(issue, settings).slice(0, 200);
    if (words !== "is missing") return { path, message: words, sentence: `${path}: ${words}` };
    const description = descriptionAt(described, issue.path);
    return missing(id, "setting", { path, name, description });
  });
}

function wrongSecrets(
  { id, secrets }: Connector,
  given: readonly string[],
  kept: readonly string[] = [],
): Wrong[] {
  const known = new Set(secrets.map(({ name }) => name));
  const names = [...known].join(", ");
  const errors = given
    .filter((name) => !known.has(name))
    .map((name) => {
      const message = known.size === 0 ? "there are no secrets" : `unknown; it has ${names}`;
      const path = `secrets.${name.slice(0, 64)}`;
      return { path, message, sentence: `${path}: ${message}` };
    });
  const all = new Set([...given, ...kept]);
  const lacking = secrets
    .filter(({ name, isRequired }) => isRequired && !all.has(name))
    .map(({ name, description }) =>
      missing(id, "secret", { path: `secrets.${name}`, name, description }),
    );
  return [...errors, ...lacking];
}

function missing(
  connector: string,
  kind: "setting" | "secret",
  { path, name, description }: { path: string; name: string; description: string },
): Wrong {
  return {
    path,
    message: `is missing. ${description}`.trimEnd(),
    sentence: `${connector} needs the ${kind} ${name}${description === "" ? "" : `: ${description}`}`,
  };
}

/** What a schema says of a setting; nothing where it stands in one of several forms. */
function descriptionAt(schema: z.core.JSONSchema.BaseSchema, path: readonly PropertyKey[]): string {
  let at: z.core.JSONSchema._JSONSchema | undefined = schema;
  for (const key of path) at = typeof at === "object" ? at.properties?.[String(key)] : undefined;
  return (typeof at === "object" ? at.description : undefined) ?? "";
}

/**
 * Names of the settings that may decide where secrets go, and are not what they were: as the connector sees them, or as they stand
 * where it takes one of them no more.
 */
export function movedSettings(
  { configSchema, freeSettings = [] }: Connector,
  before: Settings,
  after: Settings,
): readonly string[] {
  if (isDeepStrictEqual(before, after)) return [];
  const seen = [before, after].map((settings) => configSchema.safeParse(settings).data);
  const [was = before, is = after] = seen.includes(undefined) ? [] : seen;
  return [...new Set([...Object.keys(was), ...Object.keys(is)])]
    .filter((name) => !freeSettings.includes(name) && !isDeepStrictEqual(was[name], is[name]))
    .sort();
}

/**
 * Lets a change of a connection pass that leads its secrets nowhere: secrets that are there stay with the settings that they were given
 * for, and new ones take the place of all.
 * @throws {AnywireError} `bad_request` with `errors` in its details that name the settings, and the secrets to give
 */
export function assertSecretsStay(
  connector: Connector,
  { id, secrets: kept }: Pick<ConnectionDocument, "id" | "secrets">,
  moved: readonly string[],
  given: Readonly<Record<string, string>> = {},
): void {
  const missing = connector.secrets
    .filter(({ name }) => kept.includes(name) && !Object.hasOwn(given, name))
    .map(({ name }) => `secrets.${name}`);
  if (missing.length === 0) return;
  const paths = moved.map((name) => `settings.${name}`);
  const why =
    moved.length === 0
      ? `new secrets take the place of all that connection ${id} has`
      : `${paths.join(", ")} may decide where the secrets of connection ${id} are sent`;
  const errors = [
    ...paths.map((path) => ({ path, message: "changes only together with all secrets" })),
    ...missing.map((path) => ({ path, message: "must be given anew" })),
  ];
  throw new AnywireError(
    "bad_request",
    `${why}: give all of them anew in the same request; missing are ${missing.join(", ")}`,
    { details: { errors } },
  );
}

function refuse(connector: Connector, wrong: readonly Wrong[]): void {
  if (wrong.length === 0) return;
  const sentences = wrong.map(({ sentence }) => sentence.replace(/\.$/, "")).join("; ");
  const errors = wrong.map(({ path, message }) => ({ path, message }));
  throw new AnywireError(
    "bad_request",
    `that is no connection of ${connector.displayName}. ${sentences}`,
    { details: { errors } },
  );
}
