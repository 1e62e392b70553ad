import { z } from "zod";
import type { ChangeJob } from "../contract/abilities.ts";
import type { ConnectionContext } from "../contract/context.ts";
import type { MediaPart, Rejected, SendContent, SendJob, SendResult } from "../contract/send.ts";
import { tooLate } from "../wire/never-left.ts";
import { readMedia } from "../wire/read-media.ts";
import { callTelegram } from "./telegram-api.ts";
import type { TelegramSettings } from "./telegram-settings.ts";

/** In UTF-16 code units. @see https://core.telegram.org/bots/api#sendmessage */
export const MAX_TEXT = 4096;
/** @see https://core.telegram.org/bots/api#sendphoto */
const MAX_CAPTION = 1024;
const MAX_PHOTO_BYTES = 10 * 1024 * 1024;
/** @see https://core.telegram.org/bots/api#sending-files */
export const MAX_FILE_BYTES = 50 * 1024 * 1024;
const MAX_REASON = 500;

type Context = ConnectionContext<TelegramSettings>;

/** One call of the Bot API that puts one thing into a chat. */
interface Call {
  readonly method: string;
  readonly payload: Readonly<Record<string, unknown>>;
}

const sentSchema = z.object({
  message_id: z.int(),
  chat: z.object({ id: z.union([z.int(), z.string()]) }),
});

/** The user's id, which is that of the chat with them too; undefined when the address is none of Telegram. */
export function chatOf(address: string): string | undefined {
  return /^telegram:(\d{1,19})$/.exec(address)?.[1];
}

/** What is refused before anything is sent. */
function unsendable({ to, content, signal }: SendJob): Rejected | undefined {
  if (chatOf(to) === undefined) {
    const reason =
      "a bot writes to the number that a person has at Telegram, such as telegram:700100200, not to a name; it comes with their first message";
    return { outcome: "rejected", class: "invalid_recipient", reason };
  }
  if (content.text.length > MAX_TEXT) {
    const reason = `a text on Telegram has at most ${MAX_TEXT} characters; make it shorter`;
    return { outcome: "rejected", class: "too_large", reason };
  }
  return signal.aborted ? tooLate("Telegram") : undefined;
}

/** Hands a message to Telegram: one call for each thing in it, since a message there has one. */
export async function sendToTelegram(job: SendJob, context: Context): Promise<SendResult> {
  const refused = unsendable(job);
  if (refused !== undefined) return refused;
  let calls: readonly Call[];
  try {
    calls = await callsFor(job.content);
  } catch {
    const reason = "an attachment of the message can't be read; see whether it is still there";
    return { outcome: "rejected", class: "content_rejected", reason };
  }
  if (calls.length === 0) {
    const reason = "there is nothing in the message that Telegram can show";
    return { outcome: "rejected", class: "unsupported", reason };
  }
  return await callAll(calls, job, context);
}

async function callAll(
  calls: readonly Call[],
  { to, replyTo, signal }: SendJob,
  context: Context,
): Promise<SendResult> {
  const chat = chatOf(to);
  const externalIds: string[] = [];
  for (const [index, { method, payload }] of calls.entries()) {
    const reply = index === 0 ? replyParameters(chat, replyTo) : {};
    const full = { chat_id: chat, ...payload, ...reply };
    const answer = await callTelegram(context, method, full, signal);
    const sent = sentSchema.safeParse(answer.isOk ? answer.result : undefined);
    if (answer.isOk && sent.success) {
      externalIds.push(`${sent.data.chat.id}:${sent.data.message_id}`);
      continue;
    }
    const failure: SendResult = answer.isOk
      ? { outcome: "unknown", reason: "Telegram's answer does not say what became of the message" }
      : answer.failure;
    if (index === 0) return failure;
    const reason = `the first ${index} of ${calls.length} parts arrived, the others did not: ${failure.reason}`;
    return { outcome: "unknown", reason: reason.slice(0, MAX_REASON) };
  }
  return { outcome: "accepted", externalIds };
}

/** A reply is one only within the chat; where the message was taken back in between, it goes out as any other. */
function replyParameters(chat: string | undefined, replyTo: string | undefined): object {
  const [, repliedChat, id] = /^(\d+):(\d+)$/.exec(replyTo ?? "") ?? [];
  if (repliedChat === undefined || repliedChat !== chat) return {};
  return { reply_parameters: { message_id: Number(id), allow_sending_without_reply: true } };
}

async function callsFor({ text, media, location }: SendContent): Promise<readonly Call[]> {
  const calls: Call[] = [];
  const isCaption = media.length > 0 && text !== "" && text.length <= MAX_CAPTION;
  if (text !== "" && !isCaption) calls.push({ method: "sendMessage", payload: { text } });
  for (const [index, part] of media.entries()) {
    const caption = index === 0 && isCaption ? text : undefined;
    calls.push(await mediaCall(part, caption));
  }
  if (location !== undefined) calls.push(locationCall(location));
  return calls;
}

function locationCall({ latitude, longitude, label }: NonNullable<SendContent["location"]>): Call {
  const point = { latitude, longitude };
  if (label === undefined) return { method: "sendLocation", payload: point };
  const address = `${latitude}, ${longitude}`;
  return { method: "sendVenue", payload: { ...point, title: label, address } };
}

async function mediaCall({ part, source }: MediaPart, caption: string | undefined): Promise<Call> {
  const mimeType = source?.mimeType ?? part.mimeType ?? "";
  if (source === undefined && !isFetchable(part.type, mimeType)) {
    const link = [caption, part.name, part.url].filter((line) => line !== undefined).join("\n");
    return { method: "sendMessage", payload: { text: link } };
  }
  const field = fieldFor(part.type, mimeType, source?.sizeBytes ?? 0);
  const method = `send${field.slice(0, 1).toUpperCase()}${field.slice(1)}`;
  const file = source === undefined ? part.url : await inputFile(source);
  return { method, payload: { [field]: file, ...(caption !== undefined && { caption }) } };
}

/** What Telegram fetches by itself from a URL; of other files only these. @see https://core.telegram.org/bots/api#sending-files */
function isFetchable(type: string, mimeType: string): boolean {
  return type !== "file" || /^(application\/(pdf|zip)|video\/mp4)$/.test(mimeType);
}

async function inputFile(source: NonNullable<MediaPart["source"]>): Promise<unknown> {
  const { InputFile } = await import("grammy");
  const bytes = await readMedia(source, MAX_FILE_BYTES);
  // The name goes into a header as it is.
  return new InputFile(bytes, source.name.replace(/[\p{Cc}";]/gu, "_"));
}

function fieldFor(type: string, mimeType: string, sizeBytes: number): string {
  if (mimeType === "image/gif") return "animation";
  const isPhoto = type === "image" || /^image\/(jpeg|png|webp)$/.test(mimeType);
  if (isPhoto && sizeBytes <= MAX_PHOTO_BYTES && !/svg|tiff/.test(mimeType)) return "photo";
  if (/^audio\/(ogg|opus)/.test(mimeType)) return "voice";
  if (/^audio\/(mpeg|mp3|mp4|m4a|x-m4a)/.test(mimeType)) return "audio";
  return mimeType === "video/mp4" ? "video" : "document";
}

/** A message as Telegram names it: `chat:message`. */
function messageOf(externalId: string | undefined): object | undefined {
  const [, chat, id] = /^(\d+):(\d+)$/.exec(externalId ?? "") ?? [];
  return chat === undefined ? undefined : { chat_id: chat, message_id: Number(id) };
}

const NOT_OURS: Rejected = {
  outcome: "rejected",
  class: "unsupported",
  reason: "this is no message that Telegram knows",
};

/** Does something with messages that are there. What says that it is so already is no failure. */
async function change(
  { externalIds, signal }: ChangeJob,
  context: Context,
  method: string,
  payload: object,
  isDone: RegExp,
): Promise<SendResult> {
  if (signal.aborted) return tooLate("Telegram");
  for (const externalId of externalIds) {
    const message = messageOf(externalId);
    if (message === undefined) return NOT_OURS;
    const answer = await callTelegram(context, method, { ...message, ...payload }, signal);
    if (!answer.isOk && !isDone.test(answer.description)) return answer.failure;
  }
  return { outcome: "accepted", externalIds };
}

/** Changes a text, or the caption of what was sent with it: the first part has it. */
export function editOnTelegram(job: ChangeJob, context: Context): Promise<SendResult> {
  const { text, media } = job.content;
  const isCaption = media.length > 0 && text.length <= MAX_CAPTION;
  const first = { ...job, externalIds: job.externalIds.slice(0, 1) };
  const [method, field] = isCaption
    ? ["editMessageCaption", "caption"]
    : ["editMessageText", "text"];
  return change(first, context, method, { [field]: text }, /message is not modified/i);
}

/** Takes back all parts of a message. */
export function deleteOnTelegram(job: ChangeJob, context: Context): Promise<SendResult> {
  return change(job, context, "deleteMessage", {}, /message to delete not found/i);
}

/** A bot has one mark on a message: the new one takes the place of the one before. */
export function reactOnTelegram(
  job: ChangeJob & { readonly emoji: string; readonly action: "add" | "remove" },
  context: Context,
): Promise<SendResult> {
  // Telegram knows some of them without what tells how they are drawn.
  const emoji = job.emoji.replace(/\uFE0F$/, "");
  const reaction = job.action === "add" ? [{ type: "emoji", emoji }] : [];
  const first = { ...job, externalIds: job.externalIds.slice(0, 1) };
  return change(first, context, "setMessageReaction", { reaction }, /message is not modified/i);
}
