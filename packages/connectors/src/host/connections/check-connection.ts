import { AnywireError, type Problem } from "@anywire/types";
import type { z } from "zod";
import type { Connector } from "../../contract/connector.ts";

type FieldErrors = NonNullable<Problem["errors"]>;

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
