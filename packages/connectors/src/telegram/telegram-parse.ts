import type { ConnectionContext } from "../contract/context.ts";
import type {
  InboundEvent,
  InboundMessage,
  InboundSender,
  MediaReference,
} from "../contract/inbound-event.ts";
import type { WebhookRequest } from "../contract/webhook.ts";
import { jsonBody } from "../wire/json-body.ts";
import type { TelegramSettings } from "./telegram-settings.ts";
import {
  type TelegramCallback,
  type TelegramMemberUpdate,
  type TelegramMessage,
  type TelegramReactionUpdate,
  type TelegramUser,
  telegramUpdateSchema,
} from "./telegram-update.ts";

/** What an update tells. @throws {Error} when it is none */
export function parseTelegram(
  request: WebhookRequest,
  context: ConnectionContext<TelegramSettings>,
): readonly InboundEvent[] {
  const update = telegramUpdateSchema.parse(jsonBody(request.body));
  if (update.message !== undefined) return [message(update.message)];
  if (update.edited_message !== undefined) return [edit(update.edited_message)];
  if (update.message_reaction !== undefined) return reactions(update.message_reaction);
  if (update.my_chat_member !== undefined) return [consent(update.my_chat_member)];
  if (update.callback_query !== undefined) return [pressed(update.callback_query, context.now())];
  return [ignored("an update of a kind that is not known yet", context.now())];
}

function ignored(what: string, at: number): InboundEvent {
  return { type: "ignored", at, what };
}

/** A chat with one person. In others several read along: that is no conversation with a contact. */
function isPrivate({ chat }: { readonly chat: { readonly type: string } }): boolean {
  return chat.type === "private";
}

/** Names that people choose go round from one to the other, so a person is known by their number only. */
function sender({ id, first_name, last_name }: TelegramUser): InboundSender {
  const name = [first_name, last_name].filter((part) => part !== undefined).join(" ");
  return { addresses: [`telegram:${id}`], ...(name !== "" && { name }) };
}

function message(message: TelegramMessage): InboundEvent {
  const { from, chat, message_id, date, reply_to_message } = message;
  const at = date * 1000;
  if (!isPrivate(message)) return ignored("a message in a group or channel", at);
  if (from === undefined || from.is_bot === true) return ignored("a message of a bot", at);
  const content = contentOf(message);
  if (content === undefined) return ignored("a message that shows nothing", at);
  return {
    type: "message",
    at,
    externalId: `${chat.id}:${message_id}`,
    sender: sender(from),
    ...content,
    ...(reply_to_message !== undefined && { replyTo: `${chat.id}:${reply_to_message.message_id}` }),
    ...(from.username !== undefined && { meta: { username: from.username } }),
  };
}

type Content = Pick<InboundMessage, "text" | "media" | "location">;

function contentOf(message: TelegramMessage): Content | undefined {
  const text = message.text || message.caption || spelledOut(message) || undefined;
  const media = mediaOf(message);
  const { location, venue } = message;
  if (text === undefined && media === undefined && location === undefined) return undefined;
  return {
    ...(text !== undefined && { text }),
    ...(media !== undefined && { media: [media] }),
    ...(location !== undefined && {
      location: { ...location, ...(venue !== undefined && { label: venue.title.slice(0, 256) }) },
    }),
  };
}

/** In words, what there is no part of a message for. */
function spelledOut({ contact, dice, poll }: TelegramMessage): string | undefined {
  if (contact !== undefined) {
    const { first_name, last_name, phone_number } = contact;
    return [first_name, last_name, phone_number].filter((part) => part !== undefined).join(" ");
  }
  if (dice !== undefined) return `${dice.emoji} ${dice.value}`;
  if (poll === undefined) return undefined;
  return [poll.question, ...poll.options.map(({ text }) => `- ${text}`)].join("\n");
}

function mediaOf(message: TelegramMessage): MediaReference | undefined {
  const { photo, animation, voice, audio, video, video_note, document, sticker } = message;
  const largest = photo?.toSorted((a, b) => b.width * b.height - a.width * a.height)[0];
  if (largest !== undefined) return reference("image", largest, "image/jpeg");
  // Beside an animation there is a document, too: the same for those who know no animations.
  if (animation !== undefined) return reference("video", animation, "video/mp4");
  if (voice !== undefined) return reference("audio", voice, "audio/ogg");
  if (audio !== undefined) return reference("audio", audio, "audio/mpeg");
  const film = video ?? video_note;
  if (film !== undefined) return reference("video", film, "video/mp4");
  if (document !== undefined) return reference(kindOf(document.mime_type), document);
  if (sticker === undefined) return undefined;
  if (sticker.is_video === true) return reference("video", sticker, "video/webm");
  if (sticker.is_animated === true) return reference("file", sticker, "application/gzip");
  return reference("image", sticker, "image/webp");
}

/** A picture that was sent as a file, so that it stays as it is, is still one. */
function kindOf(mimeType = ""): MediaReference["kind"] {
  const [kind] = mimeType.split("/");
  if (kind === "audio" || kind === "video") return kind;
  return /^image\/(png|jpeg|gif|webp)$/.test(mimeType) ? "image" : "file";
}

type TelegramFile = NonNullable<TelegramMessage["document"]>;

function reference(
  kind: MediaReference["kind"],
  { file_id, file_name, mime_type, file_size }: TelegramFile,
  usual?: string,
): MediaReference {
  const mimeType = mime_type ?? usual;
  return {
    kind,
    ref: file_id,
    ...(file_name !== undefined && { name: file_name }),
    ...(mimeType !== undefined && { mimeType }),
    ...(file_size !== undefined && { sizeBytes: file_size }),
  };
}

function edit(message: TelegramMessage): InboundEvent {
  const { from, chat, message_id, date, edit_date = date } = message;
  const at = edit_date * 1000;
  if (!isPrivate(message)) return ignored("a change in a group or channel", at);
  if (from === undefined || from.is_bot === true) return ignored("a change by a bot", at);
  const text = message.text || message.caption;
  // Whoever shares where they go changes their message every few seconds.
  if (text === undefined || text === "") return ignored("a change that is none of a text", at);
  const externalId = `${chat.id}:${message_id}`;
  const changeId = `${externalId}:${edit_date}`;
  return { type: "edit", at, externalId, changeId, sender: sender(from), text };
}

function reactions(update: TelegramReactionUpdate): readonly InboundEvent[] {
  const { chat, message_id, user, date, old_reaction, new_reaction } = update;
  const at = date * 1000;
  if (!isPrivate(update)) return [ignored("a mark in a group or channel", at)];
  if (user === undefined) return [ignored("a mark of somebody who is not named", at)];
  const before = emojis(old_reaction);
  const after = emojis(new_reaction);
  const common = {
    type: "reaction",
    at,
    externalId: `${chat.id}:${message_id}`,
    sender: sender(user),
  } as const;
  const events: InboundEvent[] = [
    ...before
      .filter((emoji) => !after.includes(emoji))
      .map((emoji) => ({ ...common, emoji, action: "remove" as const })),
    ...after
      .filter((emoji) => !before.includes(emoji))
      .map((emoji) => ({ ...common, emoji, action: "add" as const })),
  ];
  return events.length > 0 ? events : [ignored("a mark that is a picture of its own", at)];
}

function emojis(reactions: TelegramReactionUpdate["new_reaction"]): string[] {
  return reactions.flatMap(({ emoji }) => (emoji === undefined ? [] : [emoji]));
}

function consent(update: TelegramMemberUpdate): InboundEvent {
  const { from, date, old_chat_member, new_chat_member } = update;
  const at = date * 1000;
  if (!isPrivate(update)) return ignored("the bot's place in a group or channel", at);
  const common = { type: "consent", at, sender: sender(from) } as const;
  if (new_chat_member.status === "kicked") {
    return { ...common, state: "out", reason: "blocked the bot on Telegram" };
  }
  if (old_chat_member.status === "kicked") {
    return { ...common, state: "in", reason: "unblocked the bot on Telegram" };
  }
  return ignored("the bot's place in a chat", at);
}

/** A button says what its maker put behind it. Telegram does not tell when it was pressed. */
function pressed({ id, from, message, data }: TelegramCallback, at: number): InboundEvent {
  if (message !== undefined && !isPrivate(message)) return ignored("a button in a group", at);
  if (data === undefined || data === "") return ignored("a button that says nothing", at);
  return {
    type: "message",
    at,
    externalId: `callback:${id}`,
    sender: sender(from),
    text: data,
    ...(message !== undefined && { replyTo: `${message.chat.id}:${message.message_id}` }),
  };
}
