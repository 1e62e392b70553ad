import type { ConnectionContext } from "../contract/context.ts";
import type { InboundEvent, MediaReference } from "../contract/inbound-event.ts";
import type { WebhookRequest } from "../contract/webhook.ts";
import { jsonBody } from "../wire/json-body.ts";
import { emojiOf } from "./slack-emoji.ts";
import {
  type SlackFile,
  type SlackMessage,
  type SlackReaction,
  slackEnvelopeSchema,
  slackMessageSchema,
  slackReactionSchema,
} from "./slack-event.ts";
import type { SlackSettings } from "./slack-settings.ts";
import { fromSlackText } from "./slack-text.ts";

/** Kinds of messages in which a person says something. */
const SAYING: ReadonlySet<string | undefined> = new Set([
  undefined,
  "file_share",
  "me_message",
  "thread_broadcast",
]);

/** What a request of the Events API tells. @throws {Error} when it is none */
export function parseSlack(
  request: WebhookRequest,
  context: ConnectionContext<SlackSettings>,
): readonly InboundEvent[] {
  const envelope = slackEnvelopeSchema.parse(jsonBody(request.body));
  const at = envelope.event_time === undefined ? context.now() : envelope.event_time * 1000;
  const { event, authorizations = [] } = envelope;
  if (envelope.type !== "event_callback" || event === undefined) {
    return [ignored("a request without an event", at)];
  }
  if (event.type === "message") return [message(slackMessageSchema.parse(event))];
  if (event.type === "reaction_added" || event.type === "reaction_removed") {
    const bots = authorizations.flatMap(({ user_id, is_bot }) => (is_bot ? (user_id ?? []) : []));
    return [reaction(slackReactionSchema.parse(event), bots)];
  }
  return [ignored("an event that concerns no conversation", at)];
}

function ignored(what: string, at: number): InboundEvent {
  return { type: "ignored", at, what };
}

/** Slack's time has six digits behind the point, and is the name of a message too. */
function msOf(ts: string): number {
  const [seconds = "0", micros = ""] = ts.split(".");
  return Number(seconds) * 1000 + Math.floor(Number(micros.padEnd(6, "0")) / 1000);
}

/** A conversation of one person with the app. In others several read along: that is none with a contact. */
function isDirect({ channel, channel_type }: SlackMessage): boolean {
  return channel_type === undefined ? channel.startsWith("D") : channel_type === "im";
}

function senderOf(user: string): { readonly addresses: readonly string[] } {
  return { addresses: [`slack:${user}`] };
}

function message(event: SlackMessage): InboundEvent {
  const at = msOf(event.ts);
  if (!isDirect(event)) return ignored("a message in a channel of several", at);
  if (event.subtype === "message_changed") return changed(event, at);
  if (event.subtype === "message_deleted") return deleted(event, at);
  if (event.bot_id !== undefined) return ignored("a message of an app", at);
  if (event.user === undefined || !SAYING.has(event.subtype)) {
    return ignored("a message in which nobody says anything", at);
  }
  return said(event, event.user, at);
}

function said(event: SlackMessage, user: string, at: number): InboundEvent {
  const { channel, ts, thread_ts, text = "", files = [] } = event;
  const media = files.flatMap(mediaOf);
  const links = files.flatMap(linkOf);
  const words = [fromSlackText(text), ...links].filter((line) => line !== "").join("\n");
  if (words === "" && media.length === 0) return ignored("a message that shows nothing", at);
  return {
    type: "message",
    at,
    externalId: `${channel}:${ts}`,
    sender: senderOf(user),
    ...(words !== "" && { text: words }),
    ...(media.length > 0 && { media }),
    ...(thread_ts !== undefined && thread_ts !== ts && { replyTo: `${channel}:${thread_ts}` }),
  };
}

function mediaOf(file: SlackFile): readonly MediaReference[] {
  const { id, name, mimetype, size, mode } = file;
  if (isElsewhere(file) || mode === "tombstone") return [];
  const [kind] = (mimetype ?? "").split("/");
  return [
    {
      kind: kind === "image" || kind === "audio" || kind === "video" ? kind : "file",
      ref: id,
      ...(name != null && { name }),
      ...(mimetype !== undefined && { mimeType: mimetype }),
      ...(size !== undefined && { sizeBytes: size }),
    },
  ];
}

/** A file that lies elsewhere, such as in a cloud drive: Slack has a link to it only. */
function isElsewhere({ mode, is_external }: SlackFile): boolean {
  return mode === "external" || is_external === true;
}

function linkOf(file: SlackFile): string[] {
  const { name, url_private } = file;
  if (!isElsewhere(file) || url_private === undefined) return [];
  return [name == null ? url_private : `${name}: ${url_private}`];
}

function changed(event: SlackMessage, at: number): InboundEvent {
  const { channel, message, previous_message } = event;
  if (message === undefined) return ignored("a change of nothing", at);
  const externalId = `${channel}:${message.ts}`;
  const user = message.user ?? previous_message?.user;
  // What had answers leaves a stone behind when it is taken back.
  if (message.subtype === "tombstone") {
    const author = previous_message?.user;
    if (author === undefined) return ignored("a message of an app was taken back", at);
    return { type: "delete", at, externalId, sender: senderOf(author) };
  }
  if (message.bot_id !== undefined || user === undefined) {
    return ignored("a message of an app was changed", at);
  }
  const { edited, text = "" } = message;
  // A preview of a link, the number of answers: all come as changes.
  if (edited === undefined || text === previous_message?.text) {
    return ignored("a change of what is shown with a message", at);
  }
  return {
    type: "edit",
    at: msOf(edited.ts),
    externalId,
    changeId: `${externalId}:${edited.ts}`,
    sender: senderOf(user),
    text: fromSlackText(text),
  };
}

function deleted(event: SlackMessage, at: number): InboundEvent {
  const { channel, deleted_ts, previous_message } = event;
  const user = previous_message?.user;
  if (deleted_ts === undefined || user === undefined || previous_message?.bot_id !== undefined) {
    return ignored("a message of an app was taken back", at);
  }
  return { type: "delete", at, externalId: `${channel}:${deleted_ts}`, sender: senderOf(user) };
}

function reaction(event: SlackReaction, bots: readonly string[]): InboundEvent {
  const { type, user, item, event_ts } = event;
  const at = msOf(event_ts);
  if (bots.includes(user)) return ignored("a mark of the app's own", at);
  if (item.type !== "message" || item.channel === undefined || item.ts === undefined) {
    return ignored("a mark on something that is no message", at);
  }
  if (!item.channel.startsWith("D")) return ignored("a mark in a channel of several", at);
  return {
    type: "reaction",
    at,
    externalId: `${item.channel}:${item.ts}`,
    sender: senderOf(user),
    emoji: emojiOf(event.reaction),
    action: type === "reaction_added" ? "add" : "remove",
  };
}
