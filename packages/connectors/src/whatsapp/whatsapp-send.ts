import type { ChangeJob } from "../contract/abilities.ts";
import type { ConnectionContext } from "../contract/context.ts";
import type { MediaPart, Rejected, SendJob, SendResult } from "../contract/send.ts";
import { recipientOf, type WhatsappRecipient } from "./whatsapp-address.ts";
import { callWhatsapp, outcomeOf } from "./whatsapp-call.ts";
import { uploadMedia } from "./whatsapp-media.ts";
import type { WhatsappSettings } from "./whatsapp-settings.ts";

type Context = ConnectionContext<WhatsappSettings>;

/** One message of WhatsApp's: its type, and what is in it. */
interface Part {
  readonly type: string;
  readonly [content: string]: unknown;
}

const MAX_CAPTION = 1024;

const NO_RECIPIENT: Rejected = {
  outcome: "rejected",
  class: "invalid_recipient",
  reason: "this is neither a number nor a user id of WhatsApp; use whatsapp:+447700900123",
};

/**
 * Hands a message to WhatsApp: one there for the text and one for each thing that can't have it as its caption. Only the last carries
 * the delivery's id: when that has arrived, all have.
 */
export async function sendWhatsapp(job: SendJob, context: Context): Promise<SendResult> {
  const recipient = recipientOf(job.to);
  if (recipient === undefined) return NO_RECIPIENT;
  const parts = await partsOf(job, context);
  if ("outcome" in parts) return parts;
  const externalIds: string[] = [];
  for (const [index, part] of parts.entries()) {
    const isFirst = index === 0;
    const isLast = index === parts.length - 1;
    const result = await post(context, recipient, job.signal, {
      ...(isFirst && job.replyTo !== undefined ? { context: { message_id: job.replyTo } } : {}),
      ...(isLast ? { biz_opaque_callback_data: job.deliveryId } : {}),
      ...part,
    });
    if (result.outcome === "accepted") externalIds.push(...result.externalIds);
    else if (isFirst) return result;
    else {
      // Sending all of it again would repeat what was taken.
      const reason = `${index} of ${parts.length} parts were taken, then: ${result.reason}`;
      return { outcome: "unknown", reason };
    }
  }
  return { outcome: "accepted", externalIds };
}

/** Puts a mark on a message, or takes it off: a person has one mark on each. */
export async function reactOnWhatsapp(
  job: ChangeJob & { readonly emoji: string; readonly action: "add" | "remove" },
  context: Context,
): Promise<SendResult> {
  const recipient = recipientOf(job.to);
  const [message_id] = job.externalIds;
  if (recipient === undefined || message_id === undefined) return NO_RECIPIENT;
  const emoji = job.action === "add" ? job.emoji : "";
  return post(context, recipient, job.signal, {
    type: "reaction",
    reaction: { message_id, emoji },
    biz_opaque_callback_data: job.deliveryId,
  });
}

/** Tells the person that their message was read, and that somebody is writing. Best effort. */
export async function showOnWhatsapp(
  {
    messageId,
    isTyping,
    signal,
  }: { readonly messageId: string; readonly isTyping: boolean; readonly signal: AbortSignal },
  context: Context,
): Promise<void> {
  await callWhatsapp(context, `${context.settings.phoneNumberId}/messages`, signal, {
    messaging_product: "whatsapp",
    status: "read",
    message_id: messageId,
    ...(isTyping ? { typing_indicator: { type: "text" } } : {}),
  });
}

async function post(
  context: Context,
  recipient: WhatsappRecipient,
  signal: AbortSignal,
  part: Part,
): Promise<SendResult> {
  const body = {
    messaging_product: "whatsapp",
    recipient_type: "individual",
    ...recipient,
    ...part,
  };
  return outcomeOf(
    await callWhatsapp(context, `${context.settings.phoneNumberId}/messages`, signal, body),
  );
}

/** What a message becomes; a rejection when media could not be given to Meta. */
async function partsOf(job: SendJob, context: Context): Promise<readonly Part[] | Rejected> {
  const { text, media, location, template } = job.content;
  if (template !== undefined) return [templatePart(template)];
  const parts: Part[] = [];
  let unsaid = text;
  for (const one of media) {
    const caption = unsaid.length <= MAX_CAPTION ? unsaid : "";
    const part = await mediaPart(one, caption, context, job.signal);
    if ("outcome" in part) return part;
    parts.push(part.part);
    if (part.hasCaption) unsaid = "";
  }
  if (location !== undefined) parts.push(locationPart(location));
  if (unsaid === "") return parts;
  return [{ type: "text", text: { body: unsaid, preview_url: true } }, ...parts];
}

async function mediaPart(
  { part, source }: MediaPart,
  caption: string,
  context: Context,
  signal: AbortSignal,
): Promise<{ readonly part: Part; readonly hasCaption: boolean } | Rejected> {
  const where =
    source === undefined ? { link: part.url } : await uploadMedia(source, context, signal);
  if ("outcome" in where) return where;
  const mimeType = source?.mimeType ?? part.mimeType ?? "";
  const type = typeOf(part.type, mimeType);
  const hasCaption = type !== "audio" && caption !== "";
  const name = source?.name ?? part.name;
  const content = {
    ...where,
    ...(hasCaption ? { caption } : {}),
    ...(type === "document" && name !== undefined ? { filename: name } : {}),
  };
  return { part: { type, [type]: content }, hasCaption };
}

function typeOf(
  type: MediaPart["part"]["type"],
  mimeType: string,
): "image" | "audio" | "video" | "document" {
  if (type !== "file") return type;
  return mimeType.startsWith("video/") ? "video" : "document";
}

function locationPart({
  latitude,
  longitude,
  label,
}: NonNullable<SendJob["content"]["location"]>): Part {
  return {
    type: "location",
    location: { latitude, longitude, ...(label === undefined ? {} : { name: label }) },
  };
}

function templatePart({
  name,
  language,
  variables,
}: NonNullable<SendJob["content"]["template"]>): Part {
  const parameters = variables.map((text) => ({ type: "text", text }));
  const components = parameters.length === 0 ? {} : { components: [{ type: "body", parameters }] };
  return { type: "template", template: { name, language: { code: language }, ...components } };
}
