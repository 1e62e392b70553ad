import { z } from "zod";
import { jsonSchema } from "./json-schema.ts";

/** Addresses a page may link to unseen: not `javascript:`, `data:` or `file:`; or an attachment of this server. */
export const linkSchema = z
  .union(
    [
      z.url({ protocol: /^https?$/ }),
      z.string().regex(/^\/v1\/attachments\/[A-Za-z0-9_-]+(?:\/[A-Za-z0-9._-]+)?$/),
    ],
    { error: "must be an http or https URL, or the url of an attachment" },
  )
  .refine((url) => url.length <= 2048, "must have at most 2048 characters");

/** What people call something. */
export const titleSchema = z.string().trim().min(1).max(256);

/** Anything else, for the product's own use: small, by short names. */
export const metaSchema = z
  .record(z.string().min(1).max(64), jsonSchema)
  .describe("Anything else, for the product's own use.");

/** Data of an object for the product's own use. */
export type Meta = z.infer<typeof metaSchema>;
