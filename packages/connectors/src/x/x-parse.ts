import type { ConnectionContext } from "../contract/context.ts";
import type { InboundEvent, InboundMessage, MediaReference } from "../contract/inbound-event.ts";
import type { WebhookRequest } from "../contract/webhook.ts";
import { jsonBody } from "../wire/json-body.ts";
import {
  readActivities,
  type XActivity,
  type XMedia,
  type XMessage,
  type XNotice,
} from "./x-activity.ts";
import type { XSettings } from "./x-settings.ts";

/** What a request of X tells. @throws {Error} when it is none */
export function parseX(
  request: WebhookRequest,
  { settings, now }: ConnectionContext<XSettings>,
): readonly InboundEvent[] {
  const { accountId, activity } = readActivities(jsonBody(request.body));
  if (accountId !== settings.accountId) {
    return [ignored("something of another account of the app", now())];
  }
  const {
    direct_message_events: messages = [],
    direct_message_indicate_typing_events: typing = [],
    direct_message_mark_read_events: read = [],
  } = activity;
  const events = [
    ...messages.map((event) => message(event, accountId, activity)),
    ...typing.map((event) => notice("typing", event, accountId)),
    ...read.map((event) => notice("read", event, accountId)),
  ];
  return events.length > 0 ? events : [ignored("something that is no direct message", now())];
}

function ignored(what: string, at: number): InboundEvent {
  return { type: "ignored", at, what };
}

function message(event: XMessage, accountId: string, { users = {} }: XActivity): InboundEvent {
  const { id, created_timestamp: at, message_create: created } = event;
  if (created === undefined) return ignored("an event of a kind that is not known yet", at);
  const { sender_id, target, message_data: data } = created;
  if (sender_id === accountId) return ignored("a message of our own", at);
  if (target.recipient_id !== accountId) return ignored("a message to somebody else", at);
  const content = contentOf(data);
  if (content === undefined) return ignored("a message that shows nothing", at);
  const user = users[sender_id];
  const { name, screen_name, username = screen_name } = { ...user, ...user?.data };
  return {
    type: "message",
    at,
    externalId: id,
    sender: { addresses: [`x:${sender_id}`], ...(name !== undefined && name !== "" && { name }) },
    ...content,
    ...(username !== undefined && { meta: { username } }),
  };
}

type Data = NonNullable<XMessage["message_create"]>["message_data"];

function contentOf(data: Data): Pick<InboundMessage, "text" | "media" | "location"> | undefined {
  const { attachment } = data;
  const text = textOf(data);
  const media = attachment?.media;
  const point = attachment?.location?.shared_coordinate?.coordinates.coordinates;
  if (text === "" && media === undefined && point === undefined) return undefined;
  return {
    ...(text !== "" && { text }),
    ...(media !== undefined && { media: [mediaOf(media)] }),
    ...(point !== undefined && { location: { longitude: point[0], latitude: point[1] } }),
  };
}

/** The text as it was written: X puts short links in the place of links, and one at the end for what is attached. */
function textOf({ text = "", entities, attachment }: Data): string {
  let written = text;
  const own = attachment?.media?.url;
  if (own !== undefined && written.endsWith(own)) {
    written = written.slice(0, -own.length).trimEnd();
  }
  for (const { url, expanded_url } of entities?.urls ?? []) {
    if (expanded_url !== undefined) written = written.replaceAll(url, () => expanded_url);
  }
  return written.replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&amp;", "&");
}

function mediaOf({ media_url_https, type, video_info }: XMedia): MediaReference {
  if (type !== "video" && type !== "animated_gif") return { kind: "image", ref: media_url_https };
  const [best] = (video_info?.variants ?? [])
    .filter(({ content_type }) => content_type === "video/mp4")
    .toSorted((a, b) => (b.bitrate ?? 0) - (a.bitrate ?? 0));
  // Without a film there is a picture of it at least.
  if (best === undefined) return { kind: "image", ref: media_url_https };
  return { kind: "video", ref: best.url, mimeType: "video/mp4" };
}

function notice(type: "typing" | "read", event: XNotice, accountId: string): InboundEvent {
  const { created_timestamp: at, sender_id, target } = event;
  if (sender_id === accountId || target.recipient_id !== accountId) {
    return ignored("what our own account does", at);
  }
  return { type, at, sender: { addresses: [`x:${sender_id}`] } };
}
