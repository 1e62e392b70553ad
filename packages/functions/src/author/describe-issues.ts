import type { z } from "zod";

/** What a schema has against a value, in one line: `parts.0.url: must be an http or https URL`. */
export function describeIssues(error: z.ZodError): string {
  return error.issues
    .map(({ path, message }) => (path.length === 0 ? message : `${path.join(".")}: ${message}`))
    .join("; ");
}
