import { z } from "zod";
import { accountSchema } from "./account.ts";
import { addressSchema } from "./address.ts";
import { channelSummarySchema, totalsSchema } from "./channel.ts";
import { channelNameSchema } from "./channel-name.ts";
import { entryIdSchema } from "./entry-id.ts";

/** What an account's devices hear of on its notification channel. */
export const NOTIFICATION_EVENTS = [
  "channel.opened",
  "channel.updated",
  "channel.read",
  "channel.muted",
  "channel.hidden",
  "channel.left",
  "message.new",
  "message.updated",
  "message.hidden",
  "account.updated",
] as const;

/** The name of a notification event. */
export type NotificationEventName = (typeof NOTIFICATION_EVENTS)[number];

/**
 * The data of a publication on a notification channel. Whoever holds a snapshot applies, in order, each event
 * with a larger offset: puts `change` over the channel's row (`channel.opened` brings a whole row,
 * `channel.left` takes it away), and takes `totals` and `account` as they are.
 */
export const notificationEventSchema = z.object({
  event: z.enum(NOTIFICATION_EVENTS),
  by: addressSchema.describe("Who caused it."),
  channel: channelNameSchema.optional(),
  change: channelSummarySchema
    .partial()
    .optional()
    .describe("The fields of the channel's row that changed, with their new values."),
  totals: totalsSchema,
  mentioned: z.boolean().optional().describe("With `message.new`: whether it names the account."),
  message: entryIdSchema.optional().describe("With `message.hidden`: which one."),
  account: accountSchema.optional().describe("With `account.updated`."),
});

/** The data of a publication on a notification channel. */
export type NotificationEvent = z.infer<typeof notificationEventSchema>;

/** Answer of `GET /v1/me/snapshot`: everything a device shows of its account, as of one position in the log. */
export const snapshotSchema = z.object({
  account: accountSchema,
  channels: z.array(channelSummarySchema).describe("Newest activity first."),
  totals: totalsSchema,
  offset: z.int().min(0).describe("Events with a larger offset are not in it yet."),
  epoch: z.string().describe("The identity of the log."),
});

/** Answer of `GET /v1/me/snapshot`. */
export type Snapshot = z.infer<typeof snapshotSchema>;
