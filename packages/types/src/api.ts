import { z } from "zod";
import { channelNameSchema } from "./channel-name.ts";
import { entrySchema } from "./entry.ts";
import { entryIdSchema } from "./entry-id.ts";
import { ERRORS, type ErrorCode } from "./errors.ts";
import { messageSchema } from "./message.ts";
import { signalSchema } from "./signal.ts";

/** Body of `POST /v1/channels/{channel}/messages`: a message, with the sender's own id of it. */
export const sendMessageRequestSchema = messageSchema.safeExtend({ id: entryIdSchema.optional() });

/** Body of `POST /v1/channels/{channel}/messages`: a message, with the sender's own id of it. */
export type SendMessageRequest = z.infer<typeof sendMessageRequestSchema>;

/** Request of the RPC method `message.send`. */
export const messageSendRpcSchema = sendMessageRequestSchema.safeExtend({
  channel: channelNameSchema,
});

/** Request of the RPC method `message.send`. */
export type MessageSendRpc = z.infer<typeof messageSendRpcSchema>;

/** Answer to a sent message, over HTTP and RPC. */
export const sentMessageSchema = z.object({
  id: entryIdSchema,
  channel: channelNameSchema,
  offset: z.int().min(1).describe("Position in the log."),
  epoch: z.string().describe("The identity of the log."),
  timetoken: z
    .string()
    .regex(/^\d{17}$/)
    .describe("17 digits: 100 ns since the Unix epoch."),
  at: z.int().describe("When it was stored, milliseconds since the Unix epoch (UTC)."),
});

/** Answer to a sent message, over HTTP and RPC. */
export type SentMessage = z.infer<typeof sentMessageSchema>;

/** Query of `GET /v1/channels/{channel}/entries`. */
export const entriesQuerySchema = z.strictObject({
  after: z.coerce.number().int().min(0).optional().describe("Only entries with a larger offset."),
  before: z.coerce.number().int().min(1).optional().describe("Only entries with a smaller offset."),
  limit: z.coerce.number().int().min(1).max(1000).default(100).describe("How many at most."),
  order: z.enum(["asc", "desc"]).default("asc").describe("Oldest or newest first."),
  epoch: z
    .string()
    .optional()
    .describe("The log the offsets belong to; refused when it is another."),
});

/** Query of `GET /v1/channels/{channel}/entries`. */
export type EntriesQuery = z.infer<typeof entriesQuerySchema>;

/** A page of entries; without `cursor` it is the last one. */
export const entriesPageSchema = z.object({
  entries: z.array(entrySchema),
  cursor: z
    .string()
    .optional()
    .describe(
      "Where the next page starts: give it as `after` (ascending) or `before` (descending).",
    ),
  epoch: z.string().describe("The identity of the log."),
});

/** A page of entries; without `cursor` it is the last one. */
export type EntriesPage = z.infer<typeof entriesPageSchema>;

/** One connection on a channel. */
export const presenceMemberSchema = z.object({
  client: z.string().describe("The connection's id."),
  user: z.string().describe("The account's id."),
});

/** Answer of `GET /v1/channels/{channel}/presence`. */
export const presenceSchema = z.object({
  channel: channelNameSchema,
  members: z.array(presenceMemberSchema).describe("Everyone on the channel, at most 1,000."),
  numClients: z.int().min(0).describe("How many connections."),
  numUsers: z.int().min(0).describe("How many accounts."),
});

/** Answer of `GET /v1/channels/{channel}/presence`. */
export type PresenceAnswer = z.infer<typeof presenceSchema>;

/** Request of the RPC method `signal.send`. */
export const signalSendRpcSchema = signalSchema.safeExtend({ channel: channelNameSchema });

/** Request of the RPC method `signal.send`. */
export type SignalSendRpc = z.infer<typeof signalSendRpcSchema>;

const errorCodes = Object.keys(ERRORS) as [ErrorCode, ...ErrorCode[]];

/**
 * The body of every HTTP error.
 * @see https://www.rfc-editor.org/rfc/rfc9457
 */
export const problemSchema = z.object({
  type: z.string().describe("A page about this kind of error."),
  title: z.string(),
  status: z.int(),
  code: z.enum(errorCodes).describe("The name of the error, for programs."),
  detail: z.string().describe("What was wrong with what, and what to do."),
  retryAfterMs: z.int().optional().describe("When to try again."),
  errors: z
    .array(z.object({ path: z.string(), message: z.string() }))
    .optional()
    .describe("What is wrong with each field."),
});

/** The body of every HTTP error. */
export type Problem = z.infer<typeof problemSchema>;

/** `data` of the connect reply: who one is, where, and what one may use up. */
export const connectDataSchema = z.object({
  account: z.string().describe("The account's id."),
  platform: z.string(),
  limits: z.object({
    maxMessageBytes: z.int(),
    maxFrameBytes: z.int(),
    maxSubscriptions: z.int(),
    maxCommandsPerSecond: z.int(),
  }),
});

/** `data` of the connect reply: who one is, where, and what one may use up. */
export type ConnectData = z.infer<typeof connectDataSchema>;
