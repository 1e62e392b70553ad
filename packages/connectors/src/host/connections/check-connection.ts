import { isDeepStrictEqual } from "node:util";
import type { ConnectionDocument } from "@anywire/core";
import { AnywireError, type Problem } from "@anywire/types";
import type { z } from "zod";
import type { Connector } from "../../contract/connector.ts";

type FieldErrors = NonNullable<Problem["errors"]>;

type Settings = Readonly<Record<string, unknown>>;

/** More are of no help to a person. */
const MAX_ERRORS = 20;

/**
 * Lets settings pass that suit a connector.
 * @throws {AnywireError} `bad_request` with `errors` in its details, one for each wrong setting
 */
export function assertSettings(connector: Connector, settings: unknown): void {
  const result = connector.configSchema.safeParse(settings);
  if (result.success) return;
  refuse(connector, result.error.issues.slice(0, MAX_ERRORS).map(settingError));
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
  const known = new Set(connector.secrets.map(({ name }) => name));
  const names = [...known].join(", ");
  const errors = given
    .filter((name) => !known.has(name))
    .map((name) => {
      const message = known.size === 0 ? "there are no secrets" : `unknown; it has ${names}`;
      return { path: `secrets.${name.slice(0, 64)}`, message };
    });
  const all = new Set([...given, ...kept]);
  const missing = connector.secrets
    .filter(({ name, isRequired }) => isRequired && !all.has(name))
    .map(({ name, description }) => ({
      path: `secrets.${name}`,
      message: `is missing. ${description}`,
    }));
  refuse(connector, [...errors, ...missing]);
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

function settingError({ path, message }: z.core.$ZodIssue): FieldErrors[number] {
  return { path: ["settings", ...path.map(String)].join("."), message: message.slice(0, 200) };
}

function refuse(connector: Connector, errors: FieldErrors): void {
  if (errors.length === 0) return;
  const sentences = errors.map(({ path, message }) => `${path}: ${message}`).join("; ");
  throw new AnywireError(
    "bad_request",
    `that is no connection of ${connector.displayName}. ${sentences}`,
    { details: { errors } },
  );
}
