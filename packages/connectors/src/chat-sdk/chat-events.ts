import { addressSchema } from "@anywire/types";
import type { InboundEvent, InboundSender, MediaReference } from "../contract/inbound-event.ts";
import type { ChatAdapter } from "./chat-adapter.ts";
import { unicodeOf } from "./chat-emoji.ts";
import type { ChatTold } from "./chat-host.ts";
import {
  type CheckedAuthor,
  type CheckedMessage,
  chatAuthorSchema,
  chatMessageSchema,
} from "./chat-message-schema.ts";

type Conversational = Exclude<ChatTold, { readonly kind: "other" }>;

/** How a bridge names people and messages. */
export interface ChatNames {
  readonly addressKind: string;
  readonly now: () => number;
}

/** The name of a message: ids of some networks are unique within a conversation alone. @throws {Error} when it is too long */
export function externalIdOf(adapter: ChatAdapter, threadId: string, messageId: string): string {
  const id = `${adapter.channelIdFromThreadId(threadId)}#${messageId}`;
  if (id.length > 512) throw new Error("an adapter told of a message with an id of great length");
  return id;
}

/** The adapter's own id of a message. */
export function messageIdOf(externalId: string): string {
  return externalId.slice(externalId.indexOf("#") + 1);
}

/** What an adapter told, as an event. What does not concern a conversation with one person is ignored. */
export async function toEvent(
  told: ChatTold,
  adapter: ChatAdapter,
  names: ChatNames,
): Promise<InboundEvent> {
  if (told.kind === "other") return ignored(told.what, names);
  return toConversationEvent(told, adapter, names);
}

async function toConversationEvent(
  told: Conversational,
  adapter: ChatAdapter,
  names: ChatNames,
): Promise<InboundEvent> {
  const { threadId } = told;
  if (adapter.isDM?.(threadId) === false) return ignored("of a conversation of many", names);
  if ("message" in told) {
    const message = chatMessageSchema.parse(told.message);
    if (isUs(message.author)) return ignored(US, names);
    const to = told.kind === "edit" ? toEdit : toMessage;
    return to(message, threadId, adapter, names);
  }
  const author = chatAuthorSchema.optional().parse(told.author);
  if (author === undefined) return ignored("of nobody who is named", names);
  if (isUs(author)) return ignored(US, names);
  const sender = senderOf(author, names);
  const externalId = externalIdOf(adapter, threadId, told.messageId);
  const at = names.now();
  if (told.kind === "delete") return { type: "delete", at, externalId, sender };
  const emoji = await unicodeOf(told.emoji, told.rawEmoji);
  const action = told.isAdded ? "add" : "remove";
  return { type: "reaction", at, externalId, sender, emoji, action };
}

const US = "of a bot, most likely us";

function isUs({ isMe, isBot }: CheckedAuthor): boolean {
  return isMe || isBot === true;
}

function toEdit(
  { id, metadata, text, author }: CheckedMessage,
  threadId: string,
  adapter: ChatAdapter,
  names: ChatNames,
): InboundEvent {
  const externalId = externalIdOf(adapter, threadId, id);
  const at = timeOf(metadata.editedAt ?? metadata.dateSent, names);
  return { type: "edit", at, externalId, sender: senderOf(author, names), text };
}

function toMessage(
  message: CheckedMessage,
  threadId: string,
  adapter: ChatAdapter,
  names: ChatNames,
): InboundEvent {
  const { id, text, author, attachments, metadata, replyTo } = message;
  if (text === "" && attachments.length === 0) return ignored("a message without content", names);
  return {
    type: "message",
    at: timeOf(metadata.dateSent, names),
    externalId: externalIdOf(adapter, threadId, id),
    sender: senderOf(author, names),
    ...(text === "" ? {} : { text }),
    ...(attachments.length === 0 ? {} : { media: attachments.map(toMedia) }),
    ...(replyTo === undefined ? {} : { replyTo: externalIdOf(adapter, threadId, replyTo.id) }),
  };
}

function senderOf(
  { userId, fullName, userName }: CheckedAuthor,
  { addressKind }: ChatNames,
): InboundSender {
  const address = `${addressKind}:${userId}`;
  if (!addressSchema.safeParse(address).success) {
    throw new Error("an adapter told of somebody whose id can't be an address");
  }
  const name = fullName || userName;
  // Some adapters have nothing better than the id for a name.
  const isName = name !== "" && name !== userId && name !== "unknown";
  return { addresses: [address], ...(isName ? { name } : {}) };
}

/** What is needed to fetch it later; the function that does it can't be kept. */
function toMedia({
  type,
  url,
  name,
  mimeType,
  size,
  fetchMetadata,
}: CheckedMessage["attachments"][number]): MediaReference {
  return {
    kind: type,
    ref: JSON.stringify({ type, url, name, mimeType, size, fetchMetadata }),
    ...(name === undefined ? {} : { name }),
    ...(mimeType === undefined ? {} : { mimeType }),
    ...(size === undefined ? {} : { sizeBytes: size }),
  };
}

function timeOf(date: Date, { now }: ChatNames): number {
  const at = date.getTime();
  return Number.isFinite(at) && at >= 0 ? at : now();
}

function ignored(what: string, { now }: ChatNames): InboundEvent {
  return { type: "ignored", at: now(), what };
}
