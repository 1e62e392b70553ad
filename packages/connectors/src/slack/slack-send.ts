import { z } from "zod";
import type { ChangeJob } from "../contract/abilities.ts";
import type { ConnectionContext } from "../contract/context.ts";
import type { Rejected, SendContent, SendJob, SendResult } from "../contract/send.ts";
import { tooLate } from "../wire/never-left.ts";
import { callSlack } from "./slack-api.ts";
import { placeOf } from "./slack-conversation.ts";
import { slackNameOf } from "./slack-emoji.ts";
import { shownAt, uploadToSlack } from "./slack-files.ts";
import type { SlackSettings } from "./slack-settings.ts";
import { toSlackText } from "./slack-text.ts";

type Context = ConnectionContext<SlackSettings>;

/** Slack cuts off what is longer. @see https://docs.slack.dev/changelog/2018-truncating-really-long-messages */
export const MAX_TEXT = 40_000;
/** What carries a delivery's id in a message. @see https://docs.slack.dev/messaging/message-metadata */
const METADATA = "anywire_delivery";

const postedSchema = z.object({ channel: z.string().min(1), ts: z.string().min(1) });

const historySchema = z.object({
  messages: z.array(
    z.object({
      ts: z.string(),
      metadata: z
        .object({
          event_type: z.string(),
          event_payload: z.object({ delivery_id: z.string().optional() }),
        })
        .optional(),
    }),
  ),
});

const NO_NAME: Rejected = {
  outcome: "rejected",
  class: "unsupported",
  reason: "this is no message that Slack can change",
};

/** Hands a message to Slack. */
export async function sendToSlack(job: SendJob, context: Context): Promise<SendResult> {
  if (job.signal.aborted) return tooLate("Slack");
  const text = textOf(job.content);
  if (text.length > MAX_TEXT) {
    const reason = `a text on Slack has at most ${MAX_TEXT} characters, and &, < and > count more; make it shorter`;
    return { outcome: "rejected", class: "too_large", reason };
  }
  const place = await placeOf(job.to, context, job.signal);
  if (!place.isOpen) return place.failure;
  const sources = job.content.media.flatMap(({ source }) => source ?? []);
  if (sources.length > 0) return await share(job, text, place.channel, context);
  const thread = threadIn(place.channel, job.replyTo);
  const metadata = { event_type: METADATA, event_payload: { delivery_id: job.deliveryId } };
  const args = { channel: place.channel, text, metadata, ...thread };
  const answer = await callSlack(context, "chat.postMessage", args, job.signal);
  if (!answer.isOk) return answer.failure;
  const posted = postedSchema.safeParse(answer.result);
  if (!posted.success) return { outcome: "unknown", reason: "Slack did not say what it posted" };
  return { outcome: "accepted", externalIds: [`${posted.data.channel}:${posted.data.ts}`] };
}

/** The text, and links to media that are elsewhere. */
function textOf({ text, media }: SendContent): string {
  const links = media
    .filter(({ source }) => source === undefined)
    .map(({ part }) => `${part.name ?? "file"}: ${part.url}`);
  return toSlackText([text, ...links].filter((line) => line !== "").join("\n"));
}

/** Files become one message. Their text carries no id of ours: Slack has no place for it. */
async function share(
  job: SendJob,
  text: string,
  channel: string,
  context: Context,
): Promise<SendResult> {
  const files: { id: string; title: string }[] = [];
  for (const { source } of job.content.media) {
    if (source === undefined) continue;
    const upload = await uploadToSlack(source, context, job.signal);
    if (!upload.isOk) return upload.failure;
    files.push({ id: upload.id, title: source.name });
  }
  const args = {
    files,
    channel_id: channel,
    ...(text !== "" && { initial_comment: text }),
    ...threadIn(channel, job.replyTo),
  };
  const answer = await callSlack(context, "files.completeUploadExternal", args, job.signal);
  if (!answer.isOk) return answer.failure;
  const [first] = files;
  const id = first?.id ?? "";
  const ts = await shownAt(id, channel, context, job.signal);
  return { outcome: "accepted", externalIds: [`${channel}:${ts ?? `file:${id}`}`] };
}

/** The thread that an answer belongs to; an answer to a message elsewhere is none. */
function threadIn(channel: string, replyTo: string | undefined): { readonly thread_ts?: string } {
  const message = messageOf(replyTo);
  return message?.channel === channel ? { thread_ts: message.ts } : {};
}

/** A message as Slack names it: `channel:ts`. */
function messageOf(externalId: string | undefined): { channel: string; ts: string } | undefined {
  const [, channel, ts] = /^([A-Z0-9]+):(\d+\.\d+)$/.exec(externalId ?? "") ?? [];
  return channel === undefined || ts === undefined ? undefined : { channel, ts };
}

/**
 * Looks for a message by the delivery's id in it. That it is not there yet proves nothing: it may be on its way, so only what is
 * found counts.
 */
export async function reconcileOnSlack(
  job: SendJob,
  context: Context,
): Promise<SendResult | undefined> {
  const place = await placeOf(job.to, context, job.signal);
  if (!place.isOpen) return undefined;
  const { channel } = place;
  const { thread_ts } = threadIn(channel, job.replyTo);
  const method = thread_ts === undefined ? "conversations.history" : "conversations.replies";
  const args = { channel, limit: 200, include_all_metadata: true, ts: thread_ts };
  const answer = await callSlack(context, method, args, job.signal);
  const history = historySchema.safeParse(answer.isOk ? answer.result : undefined);
  const found = history.data?.messages.find(
    ({ metadata }) =>
      metadata?.event_type === METADATA && metadata.event_payload.delivery_id === job.deliveryId,
  );
  return found && { outcome: "accepted", externalIds: [`${channel}:${found.ts}`] };
}

/** Does something with a message that is there. What says that it is so already is no failure. */
async function change(
  { externalIds, signal }: ChangeJob,
  context: Context,
  method: string,
  argsFor: (message: { channel: string; ts: string }) => Readonly<Record<string, unknown>>,
  done: readonly string[],
): Promise<SendResult> {
  if (signal.aborted) return tooLate("Slack");
  const message = messageOf(externalIds[0]);
  if (message === undefined) return NO_NAME;
  const answer = await callSlack(context, method, argsFor(message), signal);
  if (answer.isOk || done.includes(answer.error ?? "")) return { outcome: "accepted", externalIds };
  return answer.failure;
}

/** Changes a text. */
export function editOnSlack(job: ChangeJob, context: Context): Promise<SendResult> {
  const text = toSlackText(job.content.text);
  return change(job, context, "chat.update", (message) => ({ ...message, text }), []);
}

/** Takes a message back. */
export function deleteOnSlack(job: ChangeJob, context: Context): Promise<SendResult> {
  return change(job, context, "chat.delete", (message) => message, ["message_not_found"]);
}

/** Puts a mark on a message, or takes it off. */
export async function reactOnSlack(
  job: ChangeJob & { readonly emoji: string; readonly action: "add" | "remove" },
  context: Context,
): Promise<SendResult> {
  const name = slackNameOf(job.emoji);
  if (name === undefined) {
    const reason = "Slack has no name for this mark; take another";
    return { outcome: "rejected", class: "unsupported", reason };
  }
  const done = job.action === "add" ? "already_reacted" : "no_reaction";
  const method = `reactions.${job.action}`;
  return await change(
    job,
    context,
    method,
    ({ channel, ts }) => ({ channel, timestamp: ts, name }),
    [done],
  );
}
