import { z } from "zod";
import { addressSchema } from "./address.ts";
import { attachmentUrlSchema } from "./attachment.ts";
import { entryIdSchema } from "./entry-id.ts";
import { jsonSchema } from "./json-schema.ts";

/** Only what a page may link to unseen: not `javascript:`, `data:` or `file:`; or an attachment of this server. */
const link = z.union([z.url({ protocol: /^https?$/ }).max(2048), attachmentUrlSchema], {
  error: "must be an http or https URL, or that of an attachment",
});

const attachment = {
  url: link.describe("Where the bytes are."),
  name: z.string().min(1).max(256).optional().describe("File name to show."),
  mimeType: z.string().min(1).max(128).optional(),
  sizeBytes: z.int().min(0).optional(),
};

/** One part of a message that is more than text. */
export const messagePartSchema = z.discriminatedUnion("type", [
  z.strictObject({ type: z.literal("text"), text: z.string().min(1) }),
  z.strictObject({
    type: z.literal("image"),
    ...attachment,
    widthPx: z.int().min(1).optional(),
    heightPx: z.int().min(1).optional(),
    alt: z.string().max(1024).optional(),
  }),
  z.strictObject({ type: z.literal("file"), ...attachment }),
  z.strictObject({
    type: z.literal("audio"),
    ...attachment,
    durationMs: z.int().min(0).optional(),
  }),
  z.strictObject({
    type: z.literal("location"),
    latitude: z.number().min(-90).max(90),
    longitude: z.number().min(-180).max(180),
    label: z.string().max(256).optional(),
  }),
  z.strictObject({
    type: z.literal("card"),
    title: z.string().min(1).max(256),
    text: z.string().max(2048).optional(),
    url: link.optional(),
    imageUrl: link.optional(),
  }),
  z.strictObject({
    type: z.literal("template"),
    name: z.string().min(1).max(512).describe("The template's name at the network."),
    language: z.string().min(2).max(16).default("en"),
    variables: z.array(z.string().max(1024)).max(32).default([]),
  }),
]);

/** One part of a message that is more than text. */
export type MessagePart = z.infer<typeof messagePartSchema>;

/** What a message says: the `data` of an entry of kind `message`. */
export const messageSchema = z
  .strictObject({
    text: z.string().min(1).optional().describe("Plain text."),
    parts: z.array(messagePartSchema).min(1).max(32).optional().describe("Images, files, cards …"),
    replyTo: entryIdSchema.optional().describe("The id of the message this one answers."),
    thread: entryIdSchema.optional().describe("The id of the message whose thread this one is in."),
    mentions: z.array(addressSchema).max(256).optional().describe("Who is meant by it."),
    meta: z
      .record(z.string().min(1).max(64), jsonSchema)
      .optional()
      .describe("Anything else, for the product's own use."),
  })
  .refine((message) => message.text !== undefined || message.parts !== undefined, {
    error: "a message needs text or parts",
  });

/** What a message says: the `data` of an entry of kind `message`. */
export type Message = z.infer<typeof messageSchema>;
