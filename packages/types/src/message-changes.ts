import { z } from "zod";
import { addressSchema } from "./address.ts";
import { messageDeliverySchema } from "./delivery.ts";
import { entryIdSchema } from "./entry-id.ts";
import { messageSchema } from "./message.ts";

/** The mark of a reaction: an emoji or a short word. */
export const emojiSchema = z
  .string()
  .regex(/^[^\s\p{Cc}]{1,32}$/u, "must be an emoji or a word of at most 32 characters");

/** Which message, and what it now says. */
export const editMessageRequestSchema = messageSchema;

/** What a message now says. */
export type EditMessageRequest = z.infer<typeof editMessageRequestSchema>;

/** How to delete: for everyone, or only out of one's own sight. */
export const deleteMessageRequestSchema = z.strictObject({
  forMe: z
    .union([z.boolean(), z.enum(["true", "false"]).transform((text) => text === "true")])
    .default(false)
    .describe("Only out of one's own sight, on all own devices."),
});

/** How to delete. */
export type DeleteMessageRequest = z.input<typeof deleteMessageRequestSchema>;

/** A reaction to put on a message or take off again. */
export const reactionRequestSchema = z.strictObject({ emoji: emojiSchema });

/** A reaction. */
export type ReactionRequest = z.infer<typeof reactionRequestSchema>;

/** Those who reacted with one mark. */
export const reactionSchema = z.object({
  emoji: emojiSchema,
  count: z.int().min(1),
  mine: z.boolean().describe("Whether one's own is among them."),
  accounts: z.array(addressSchema).describe("The first 20 of them."),
});

/** Those who reacted with one mark. */
export type Reaction = z.infer<typeof reactionSchema>;

/** A message in its present form. */
export const messageViewSchema = z.object({
  id: entryIdSchema,
  channel: z.string(),
  offset: z.int().min(1),
  sender: addressSchema,
  at: z.int().describe("When it was sent, milliseconds since the Unix epoch (UTC)."),
  version: z.int().min(1).describe("1 as it was sent, one more with each edit."),
  editedAt: z.int().nullable(),
  deleted: z.boolean().describe("For everyone; `data` is null then."),
  pinned: z.boolean(),
  replies: z.int().min(0).describe("Messages in its thread."),
  reactions: z.array(reactionSchema),
  data: messageSchema.nullable(),
  deliveries: z
    .array(messageDeliverySchema)
    .optional()
    .describe("How far it has come on its way to those outside; absent where it stays in the app."),
});

/** A message in its present form. */
export type MessageView = z.infer<typeof messageViewSchema>;

/** Query of `GET /v1/channels/{channel}/messages`. */
export const messagesQuerySchema = z.strictObject({
  after: z.coerce.number().int().min(0).optional().describe("Only messages with a larger offset."),
  before: z.coerce
    .number()
    .int()
    .min(1)
    .optional()
    .describe("Only messages with a smaller offset."),
  thread: entryIdSchema.optional().describe("Only the thread under this message."),
  pinned: z.enum(["true"]).optional().describe("Only those that are pinned."),
  limit: z.coerce.number().int().min(1).max(200).default(50),
  order: z.enum(["asc", "desc"]).default("desc").describe("Oldest or newest first."),
});

/** Query of `GET /v1/channels/{channel}/messages`. */
export type MessagesQuery = z.input<typeof messagesQuerySchema>;

/** A page of messages in their present form; without `cursor` it is the last one. */
export const messagesPageSchema = z.object({
  messages: z.array(messageViewSchema),
  cursor: z.string().optional().describe("Give it as `before` (newest first) or `after`."),
  asOf: z.int().describe("Every change up to this position of the log is in it, and none after."),
});

/** A page of messages in their present form. */
export type MessagesPage = z.infer<typeof messagesPageSchema>;

/** What a message said, one version after the other. */
export const messageVersionsSchema = z.object({
  versions: z.array(
    z.object({ version: z.int().min(1), at: z.int(), by: addressSchema, data: messageSchema }),
  ),
});

/** What a message said, one version after the other. */
export type MessageVersions = z.infer<typeof messageVersionsSchema>;
