import { AnywireError, describeIssue } from "@anywire/types";
import type { z } from "zod";

/**
 * A command's fields, checked.
 * @throws {AnywireError} `bad_request` that names each field that is wrong.
 */
export function parseParams<T>(schema: z.ZodType<T>, params: unknown): T {
  const result = schema.safeParse(params);
  if (result.success) return result.data;
  const errors = result.error.issues.map((issue) => ({
    path: issue.path.map(String).join("."),
    message: describeIssue(issue, params),
  }));
  const sentence = errors.map(({ path, message }) =>
    path === "" ? message : `${path}: ${message}`,
  );
  throw new AnywireError("bad_request", sentence.join("; "), { details: { errors } });
}
