import { readFileSync } from "node:fs";
import { inspect } from "node:util";
import { z } from "zod";

/** A configured secret. However it is printed it shows `***`; only `reveal` gives it out. */
export class Secret {
  readonly #value: string;

  constructor(value: string) {
    this.#value = value;
  }

  /** The secret itself. Never log it. */
  reveal(): string {
    return this.#value;
  }

  toString(): string {
    return "***";
  }

  toJSON(): string {
    return "***";
  }

  [inspect.custom](): string {
    return "***";
  }
}

/**
 * A secret in the configuration: the text itself, or `{ file }` with a path from the working directory.
 * The file is read while the configuration is checked, so that a missing one is reported with the rest.
 */
export const secretSchema = z
  .union([z.string(), z.strictObject({ file: z.string().min(1) })])
  .transform((given, context): Secret => {
    const text = typeof given === "string" ? given : readSecret(given.file, context);
    if (text?.trim() === "") context.addIssue("is empty");
    return new Secret(text?.trim() ?? "");
  });

function readSecret(file: string, context: z.RefinementCtx): string | undefined {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    const reason = error instanceof Error && "code" in error ? String(error.code) : "unreadable";
    context.addIssue(`is in the file ${file}, which can't be read (${reason})`);
    return undefined;
  }
}
