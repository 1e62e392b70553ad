import { z } from "zod";
import { addressSchema } from "./address.ts";
import { channelNameSchema } from "./channel-name.ts";
import { entryIdSchema } from "./entry-id.ts";
import { linkSchema, metaSchema, titleSchema } from "./profile.ts";
import { roleSchema } from "./role.ts";

const time = z.int().describe("Milliseconds since the Unix epoch (UTC).");

/** What a newcomer may see of the past: everything, or what is said from joining on. */
export const historyChoiceSchema = z
  .enum(["all", "since_joined"])
  .describe("What a newcomer may see of the past: everything, or what is said from joining on.");

/** What a newcomer may see of the past. */
export type HistoryChoice = z.infer<typeof historyChoiceSchema>;

/** Who takes part in a channel, as a request names them: an account, a contact, or a contact's address. */
export const participantSchema = z
  .string()
  .min(3)
  .max(300)
  .describe("`account:bob`, `contact:<id>`, or an address such as `phone:+447700900123`.");

/** Body of `POST /v1/channels`, and request of the RPC method `channel.open`. */
export const openChannelRequestSchema = z.strictObject({
  type: z.string().min(1).max(64).describe("A declared channel type, such as `direct` or `group`."),
  participants: z.array(participantSchema).describe("Who takes part, beside the caller."),
  title: titleSchema.optional().describe("What people call it."),
  avatarUrl: linkSchema.optional(),
  connection: z
    .string()
    .regex(/^[A-Za-z0-9_-]{1,64}$/)
    .optional()
    .describe("The configured way out, for types of a network."),
  thread: z
    .string()
    .min(1)
    .max(256)
    .optional()
    .describe("Tells threads of one type apart (email)."),
  history: historyChoiceSchema.default("all"),
  join: z
    .boolean()
    .default(true)
    .describe("Whether the caller takes part too; `false` needs a `manage` pattern."),
  platform: z.string().optional().describe("The token's platform; any other is refused."),
  id: entryIdSchema
    .optional()
    .describe("The caller's own id of this opening: the same again gives the same channel."),
  meta: metaSchema.optional(),
});

/** Body of `POST /v1/channels`, and request of the RPC method `channel.open`. */
export type OpenChannelRequest = z.input<typeof openChannelRequestSchema>;

/** A channel, as everyone who may read it sees it. */
export const channelSchema = z.object({
  channel: channelNameSchema,
  type: z.string(),
  title: z.string().nullable(),
  avatarUrl: z.string().nullable(),
  connection: z.string().nullable(),
  history: historyChoiceSchema,
  participants: z
    .array(addressSchema)
    .describe("The first 20 in the order of joining; all of them are at `…/participants`."),
  participantCount: z.int().min(0),
  messages: z.int().min(0).describe("How many messages were ever sent on it."),
  archived: z.boolean().describe("Whether it is closed to new messages."),
  meta: metaSchema,
  createdAt: time,
});

/** A channel, as everyone who may read it sees it. */
export type ChannelInfo = z.infer<typeof channelSchema>;

/** Body of `POST /v1/channels/{channel}` and of the RPC method `channel.update`; null takes away, what is absent stays. */
export const updateChannelRequestSchema = z.strictObject({
  title: titleSchema.nullable().optional(),
  avatarUrl: linkSchema.nullable().optional(),
  history: historyChoiceSchema.optional(),
  archived: z.boolean().optional(),
  meta: metaSchema.optional(),
});

/** What to change of a channel. */
export type UpdateChannelRequest = z.infer<typeof updateChannelRequestSchema>;

/** The newest message of a channel, as a list of channels shows it. */
export const lastMessageSchema = z.object({
  id: entryIdSchema,
  offset: z.int().min(1),
  sender: addressSchema,
  at: time,
  text: z.string().describe("The beginning of its text, at most 200 characters; may be empty."),
  parts: z.array(z.string()).describe("The types of its parts, such as `image`."),
  deleted: z.boolean(),
});

/** The newest message of a channel, as a list of channels shows it. */
export type LastMessage = z.infer<typeof lastMessageSchema>;

/** A channel as one of its accounts sees it: a row of its list of channels. */
export const channelSummarySchema = channelSchema.omit({ messages: true }).extend({
  role: roleSchema,
  lastMessage: lastMessageSchema.nullable(),
  activityOffset: z.int().min(1).describe("What the list is sorted by: grows with each message."),
  activityAt: time.describe("When something was last said, or the channel was opened."),
  readOffset: z.int().min(0).describe("Everything up to here is read."),
  unread: z.int().min(0).describe("Messages after what is read: exact, whatever their number."),
  mutedUntil: time.nullable(),
  hidden: z.boolean().describe("Until somebody says something."),
});

/** A channel as one of its accounts sees it. */
export type ChannelSummary = z.infer<typeof channelSummarySchema>;

/** Sums over an account's channels, without those that are hidden. */
export const totalsSchema = z.object({
  unread: z.int().min(0).describe("Unread messages."),
  unreadChannels: z.int().min(0).describe("Channels that have unread messages."),
});

/** Sums over an account's channels, without those that are hidden. */
export type Totals = z.infer<typeof totalsSchema>;

/** One participant of a channel. */
export const participantInfoSchema = z.object({
  address: addressSchema,
  role: roleSchema,
  joinedAt: time,
  readOffset: z.int().min(0).describe("Has read everything up to here."),
  deliveredOffset: z.int().min(0).describe("Has got everything up to here on some device."),
});

/** One participant of a channel. */
export type ParticipantInfo = z.infer<typeof participantInfoSchema>;

/** A page of participants, in the order of their addresses; without `cursor` it is the last one. */
export const participantsPageSchema = z.object({
  participants: z.array(participantInfoSchema),
  cursor: z.string().optional(),
});

/** A page of participants. */
export type ParticipantsPage = z.infer<typeof participantsPageSchema>;

/** Whom to add, or to take out. */
export const participantsRequestSchema = z.strictObject({
  participants: z.array(participantSchema).min(1).max(1000),
  role: roleSchema.optional().describe("Of those who are added; default `member`."),
});

/** Whom to add. */
export type ParticipantsRequest = z.infer<typeof participantsRequestSchema>;

/** A new role for one participant. */
export const roleRequestSchema = z.strictObject({
  participant: participantSchema,
  role: roleSchema,
});

/** A new role for one participant. */
export type RoleRequest = z.infer<typeof roleRequestSchema>;

/** Up to where a channel is read, or got. */
export const markRequestSchema = z.strictObject({
  offset: z.int().min(0).describe("A message's offset; 0 is before the first one."),
});

/** Up to where a channel is read, or got. */
export type MarkRequest = z.infer<typeof markRequestSchema>;

/** How long to be quiet. */
export const muteRequestSchema = z.strictObject({
  until: time.min(0).max(8_640_000_000_000_000).optional().describe("Absent: until unmuted."),
});

/** How long to be quiet. */
export type MuteRequest = z.infer<typeof muteRequestSchema>;

/** Up to where a channel is read, and what is left. */
export const readAnswerSchema = z.object({
  channel: channelNameSchema,
  readOffset: z.int().min(0),
  unread: z.int().min(0),
});

/** Up to where a channel is read, and what is left. */
export type ReadAnswer = z.infer<typeof readAnswerSchema>;

/** Until when a channel is mute; null for not. */
export const muteAnswerSchema = z.object({
  channel: channelNameSchema,
  mutedUntil: time.nullable(),
});

/** Until when a channel is mute; null for not. */
export type MuteAnswer = z.infer<typeof muteAnswerSchema>;

/** Whether a channel is hidden. */
export const hideAnswerSchema = z.object({ channel: channelNameSchema, hidden: z.boolean() });

/** Whether a channel is hidden. */
export type HideAnswer = z.infer<typeof hideAnswerSchema>;

/** A mute without an end: the last moment a `Date` can hold, milliseconds since the Unix epoch. */
export const FOREVER = 8_640_000_000_000_000;

/** Query of `GET /v1/channels`, newest activity first. */
export const channelsQuerySchema = z.strictObject({
  participant: addressSchema
    .optional()
    .describe("Whose channels; default one's own. Another's need a `manage` pattern."),
  type: z.string().max(64).optional(),
  hidden: z
    .enum(["true", "false"])
    .optional()
    .describe("Only those that are hidden, or only those that are not."),
  cursor: z.string().max(256).optional(),
  limit: z.coerce.number().int().min(1).max(1000).default(50),
});

/** Query of `GET /v1/channels`. */
export type ChannelsQuery = z.input<typeof channelsQuerySchema>;

/** A page of an account's channels, newest activity first; without `cursor` it is the last one. */
export const channelsPageSchema = z.object({
  channels: z.array(channelSummarySchema),
  cursor: z.string().optional(),
  asOf: z.int().describe("The position in the log that the page shows."),
});

/** A page of an account's channels. */
export type ChannelsPage = z.infer<typeof channelsPageSchema>;
