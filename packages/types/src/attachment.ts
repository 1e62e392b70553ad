import { z } from "zod";

/** A platform and 160 bits of chance, so that nobody finds an attachment who was not given its id. */
const ID = "[A-Za-z0-9_-]{1,64}\\.[0-9a-f]{40}";

/** The id of an attachment: its platform, a dot, and 40 hexadecimal digits that nobody can guess. */
export const attachmentIdSchema = z
  .string()
  .regex(new RegExp(`^${ID}$`), "is not the id of an attachment")
  .describe("The attachment's id, as the upload answered with it.");

/** Where an attachment of this server is, or its thumbnail: a path, so that it holds under any host name. */
export const attachmentUrlSchema = z
  .string()
  .regex(new RegExp(`^/v1/attachments/${ID}(?:/thumbnail)?$`));

/** Controls, path separators, and marks that turn the direction of writing to make one ending look like another. */
const NO_FILE_NAME = /[\p{Cc}/\\\u202a-\u202e\u2066-\u2069]/u;

/** Query of `POST /v1/attachments`. */
export const uploadQuerySchema = z.strictObject({
  name: z
    .string()
    .min(1)
    .max(256)
    .refine(
      (name) => !NO_FILE_NAME.test(name),
      "must be a file's name, without / or \\ or controls",
    )
    .default("attachment")
    .describe("The file's name, for people. Default: `attachment`."),
});

/** A stored attachment: the answer of `POST /v1/attachments`. Its members fit into an image or file part of a message. */
export const attachmentSchema = z.object({
  id: attachmentIdSchema,
  url: attachmentUrlSchema.describe("Where its bytes are, a path on this server."),
  name: z.string().describe("The file's name."),
  mimeType: z.string().describe("Its media type, checked against the bytes."),
  sizeBytes: z.int().min(0),
  sha256: z
    .string()
    .regex(/^[0-9a-f]{64}$/)
    .describe("SHA-256 of the bytes, hexadecimal."),
  widthPx: z.int().min(1).optional().describe("An image's width as it is shown."),
  heightPx: z.int().min(1).optional().describe("An image's height as it is shown."),
  thumbnailUrl: attachmentUrlSchema
    .optional()
    .describe("A small picture of it, at most 320 pixels wide and high."),
});

/** A stored attachment: the answer of `POST /v1/attachments`. Its members fit into an image or file part of a message. */
export type Attachment = z.infer<typeof attachmentSchema>;
