import { z } from "zod";

const id = z.string().min(1).max(512);

/** Somebody, as an adapter has to tell of them. */
export const chatAuthorSchema = z.object({
  userId: id,
  userName: z.string(),
  fullName: z.string(),
  isBot: z.union([z.boolean(), z.literal("unknown")]),
  isMe: z.boolean(),
});

const attachmentSchema = z.object({
  type: z.enum(["image", "file", "video", "audio"]),
  url: z.string().optional(),
  name: z.string().optional(),
  mimeType: z.string().optional(),
  size: z.number().min(0).optional(),
  fetchMetadata: z.record(z.string(), z.string()).optional(),
});

/** A message, as an adapter has to tell of it: adapters check signatures, and believe what is signed. */
export const chatMessageSchema = z.object({
  id,
  text: z.string(),
  author: chatAuthorSchema,
  attachments: z.array(attachmentSchema),
  metadata: z.object({ dateSent: z.date(), editedAt: z.date().optional() }),
  replyTo: z.object({ id }).optional(),
});

/** Somebody, as an adapter tells. */
export type CheckedAuthor = z.output<typeof chatAuthorSchema>;

/** A message, as an adapter tells. */
export type CheckedMessage = z.output<typeof chatMessageSchema>;
