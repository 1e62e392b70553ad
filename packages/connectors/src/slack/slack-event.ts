import { z } from "zod";

const ts = z.string().regex(/^\d{1,10}\.\d{1,6}$/);
const channel = z.string().regex(/^[A-Z0-9]{1,64}$/);
const user = z.string().regex(/^[UW][A-Z0-9]{1,63}$/);

const fileSchema = z.object({
  id: z.string().min(1).max(128),
  name: z.string().nullish(),
  mimetype: z.string().optional(),
  size: z.number().optional(),
  mode: z.string().optional(),
  is_external: z.boolean().optional(),
  url_private: z.string().optional(),
});

/** One file in a message. */
export type SlackFile = z.infer<typeof fileSchema>;

const innerSchema = z.object({
  subtype: z.string().optional(),
  user: user.optional(),
  bot_id: z.string().optional(),
  text: z.string().optional(),
  ts,
  thread_ts: ts.optional(),
  files: z.array(fileSchema).optional(),
  edited: z.object({ user: user.optional(), ts }).optional(),
});

/** A message, or what became of one. @see https://docs.slack.dev/reference/events/message */
export const slackMessageSchema = innerSchema.extend({
  type: z.literal("message"),
  channel,
  channel_type: z.string().optional(),
  message: innerSchema.optional(),
  previous_message: innerSchema.optional(),
  deleted_ts: ts.optional(),
});

/** A message, or what became of one. */
export type SlackMessage = z.infer<typeof slackMessageSchema>;

/** A mark on a message. @see https://docs.slack.dev/reference/events/reaction_added */
export const slackReactionSchema = z.object({
  type: z.enum(["reaction_added", "reaction_removed"]),
  user,
  reaction: z.string().regex(/^[^\s:][^\s]{0,60}$/u),
  item: z.object({ type: z.string(), channel: channel.optional(), ts: ts.optional() }),
  event_ts: ts,
});

/** A mark on a message. */
export type SlackReaction = z.infer<typeof slackReactionSchema>;

/** What Slack wraps around each event. @see https://docs.slack.dev/apis/events-api#callback-field */
export const slackEnvelopeSchema = z.object({
  type: z.string(),
  challenge: z.string().max(1024).optional(),
  event_time: z.int().min(0).optional(),
  event: z.looseObject({ type: z.string() }).optional(),
  authorizations: z
    .array(z.object({ user_id: z.string().nullish(), is_bot: z.boolean().optional() }))
    .optional(),
});
