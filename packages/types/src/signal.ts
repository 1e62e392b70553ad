import { z } from "zod";
import { jsonSchema } from "./json-schema.ts";

/** Something live that is never stored, as a client sends it. */
export const signalSchema = z.strictObject({
  kind: z
    .string()
    .regex(/^[a-z][a-z0-9_-]{0,31}$/, "must be a lower-case word")
    .describe("What it is, such as `typing`."),
  data: jsonSchema.optional().describe("Anything that belongs to it; small."),
});

/** Something live that is never stored, as a client sends it. */
export type Signal = z.infer<typeof signalSchema>;
