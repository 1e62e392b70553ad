import { AnywireError, describeIssue, type Problem } from "@anywire/types";
import type { z } from "zod";

/** More are of no help to a person, and a hostile body could have thousands. */
const MAX_ERRORS = 20;
const MAX_TEXT = 200;

/**
 * The value as its schema understands it.
 * @param where what the value is to the caller, such as `the body`
 * @throws {AnywireError} `bad_request` with `errors` in its details, one for each wrong field.
 */
export function checkInput<S extends z.ZodType>(
  schema: S,
  value: unknown,
  where: string,
): z.output<S> {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const errors = result.error.issues.slice(0, MAX_ERRORS).map((issue) => fieldError(issue, value));
  const sentences = errors.map(({ path, message }) =>
    path === "" ? message : `${path}: ${message}`,
  );
  throw new AnywireError("bad_request", `${where} is not right. ${sentences.join("; ")}`, {
    details: { errors },
  });
}

function fieldError(
  issue: z.core.$ZodIssue,
  value: unknown,
): NonNullable<Problem["errors"]>[number] {
  const path = shorten(issue.path.map(String).join("."));
  return { path, message: shorten(describeIssue(issue, value)) };
}

function shorten(text: string): string {
  return text.length <= MAX_TEXT ? text : `${text.slice(0, MAX_TEXT)}…`;
}
