import { AnywireError, type EntryData, type LastMessage, type Message } from "@anywire/types";
import type { ChannelDocument, MessageDocument } from "./documents.ts";
import type { FoldEntry } from "./fold.ts";
import { openChannel, setChannel } from "./fold-channel.ts";
import {
  channelKey,
  membershipKeyOf,
  messageKey,
  ordinalKey,
  participantKey,
  reactionKey,
  threadKey,
} from "./state-key.ts";
import type { StateView } from "./state-view.ts";

const MAX_EDITS = 100;
const MAX_PINS = 100;
/** Different marks on one message. */
const MAX_EMOJIS = 50;
/** Accounts that a message names of those who reacted with one mark. */
const NAMED = 20;
const PREVIEW_LENGTH = 200;

/** A message on a channel that was opened; on any other it changes nothing. @throws {AnywireError} `conflict`, `not_found` */
export function foldMessage(view: StateView, entry: FoldEntry): void {
  const channel = view.get(channelKey(entry.channel));
  if (channel === undefined) return;
  if (channel.archived) {
    throw new AnywireError("conflict", `${entry.channel} is archived; nothing more is said on it`);
  }
  const message = JSON.parse(entry.dataJson) as Message;
  const thread = message.thread ?? null;
  if (thread !== null) countReply(view, entry, thread);
  const { id, offset, sender, at } = entry;
  const ordinal = channel.messages + 1;
  view.set(ordinalKey(entry.channel, offset), { id, ordinal });
  view.set(messageKey(entry.channel, id), {
    id,
    offset,
    ordinal,
    sender,
    at,
    thread,
    edits: [],
    editedAt: null,
    edited: null,
    deleted: false,
    pinned: false,
    replies: 0,
    reactions: [],
  });
  setChannel(view, entry, {
    ...channel,
    messages: ordinal,
    lastMessage: { id, offset, sender, at, ...previewOf(message), deleted: false },
    activityOffset: offset,
    activityAt: at,
  });
  readOwn(view, entry, ordinal);
}

/** What a message now says. @throws {AnywireError} `not_found`, `conflict`, `permission_denied` */
export function foldEdit(view: StateView, entry: FoldEntry, data: EntryData<"edit">): void {
  const channel = openChannel(view, entry.channel);
  const message = presentMessage(view, entry.channel, data.target);
  if (message.sender !== entry.sender) {
    throw new AnywireError("permission_denied", "only who sent a message edits it");
  }
  if (message.edits.length >= MAX_EDITS) {
    throw new AnywireError(
      "conflict",
      `a message is edited at most ${MAX_EDITS} times; send another`,
    );
  }
  if ((data.message.thread ?? null) !== message.thread) {
    throw new AnywireError("conflict", "a message stays in its thread; send another one");
  }
  view.set(messageKey(entry.channel, data.target), {
    ...message,
    edits: [...message.edits, entry.offset],
    editedAt: entry.at,
    edited: data.message,
  });
  setLast(view, entry, channel, data.target, previewOf(data.message));
}

/** A message that was deleted for everyone. It keeps its place and its ordinal. @throws {AnywireError} `not_found`, `conflict` */
export function foldDelete(view: StateView, entry: FoldEntry, data: EntryData<"delete">): void {
  const channel = openChannel(view, entry.channel);
  const message = presentMessage(view, entry.channel, data.target);
  view.set(messageKey(entry.channel, data.target), {
    ...message,
    edited: null,
    deleted: true,
    pinned: false,
    reactions: [],
  });
  const without = {
    ...channel,
    deletions: channel.deletions + 1,
    pins: channel.pins.filter((id) => id !== data.target),
  };
  setChannel(view, entry, without);
  setLast(view, entry, without, data.target, { text: "", parts: [], deleted: true });
}

/** A reaction that was put on a message or taken off. @throws {AnywireError} `not_found`, `conflict` */
export function foldReaction(view: StateView, entry: FoldEntry, data: EntryData<"reaction">): void {
  openChannel(view, entry.channel);
  const { target, emoji, action } = data;
  const message = presentMessage(view, entry.channel, target);
  const key = reactionKey(entry.channel, target, emoji, entry.sender);
  const isThere = view.get(key) === true;
  if (isThere === (action === "add")) return;
  if (action === "add") view.set(key, true);
  else view.delete(key);
  const reactions = countReaction(message, emoji, entry.sender, action);
  view.set(messageKey(entry.channel, target), { ...message, reactions });
}

/** A message that was pinned, or is no more. @throws {AnywireError} `not_found`, `conflict` */
export function foldPin(view: StateView, entry: FoldEntry, data: EntryData<"pin">): void {
  const channel = openChannel(view, entry.channel);
  const message = presentMessage(view, entry.channel, data.target);
  const pinned = data.action === "add";
  if (message.pinned === pinned) return;
  if (pinned && channel.pins.length >= MAX_PINS) {
    throw new AnywireError(
      "conflict",
      `a channel has at most ${MAX_PINS} pins; take one off first`,
    );
  }
  const others = channel.pins.filter((id) => id !== data.target);
  view.set(messageKey(entry.channel, data.target), { ...message, pinned });
  setChannel(view, entry, {
    ...channel,
    pins: pinned ? [...others, data.target] : others,
  });
}

/**
 * A message that was sent and not deleted.
 * @throws {AnywireError} `not_found`, `conflict` when it was deleted
 */
export function presentMessage(view: StateView, channel: string, id: string): MessageDocument {
  const message = view.get(messageKey(channel, id));
  if (message === undefined) throw noMessage(channel, id);
  if (!message.deleted) return message;
  throw new AnywireError("conflict", `message ${id} of ${channel} was deleted`);
}

function noMessage(channel: string, id: string): AnywireError {
  return new AnywireError("not_found", `there is no message ${id} in ${channel}`);
}

/** Who says something has read what was said before. */
function readOwn(view: StateView, { channel, sender, offset }: FoldEntry, ordinal: number): void {
  const key = membershipKeyOf(channel, sender);
  const membership = key === undefined ? undefined : view.get(key);
  if (key === undefined || membership === undefined || membership.leftOffset !== null) return;
  view.set(key, { ...membership, readOffset: offset, readOrdinal: ordinal });
  const participant = view.get(participantKey(channel, sender));
  if (participant === undefined) return;
  view.set(participantKey(channel, sender), {
    ...participant,
    readOffset: offset,
    deliveredOffset: offset,
  });
}

function countReply(view: StateView, { channel, id, offset }: FoldEntry, thread: string): void {
  const root = presentMessage(view, channel, thread);
  if (root.thread !== null) {
    throw new AnywireError(
      "conflict",
      `message ${thread} is in a thread itself; answer in that one`,
    );
  }
  view.set(messageKey(channel, thread), { ...root, replies: root.replies + 1 });
  view.set(threadKey(channel, thread, offset), id);
}

function countReaction(
  { reactions }: MessageDocument,
  emoji: string,
  account: string,
  action: "add" | "remove",
): MessageDocument["reactions"] {
  const old = reactions.find((reaction) => reaction.emoji === emoji);
  if (old === undefined) {
    if (reactions.length < MAX_EMOJIS)
      return [...reactions, { emoji, count: 1, accounts: [account] }];
    throw new AnywireError("conflict", `a message has at most ${MAX_EMOJIS} different reactions`);
  }
  const others = old.accounts.filter((named) => named !== account);
  const isAdded = action === "add";
  const count = old.count + (isAdded ? 1 : -1);
  if (count === 0) return reactions.filter((reaction) => reaction !== old);
  const accounts = isAdded && others.length < NAMED ? [...others, account] : others;
  return reactions.map((reaction) => (reaction === old ? { emoji, count, accounts } : reaction));
}

function setLast(
  view: StateView,
  entry: FoldEntry,
  channel: ChannelDocument,
  target: string,
  change: Partial<LastMessage>,
): void {
  const { lastMessage } = channel;
  if (lastMessage?.id !== target) return;
  setChannel(view, entry, { ...channel, lastMessage: { ...lastMessage, ...change } });
}

/** What a list of channels shows of a message. */
export function previewOf({ text = "", parts = [] }: Message): Pick<LastMessage, "text" | "parts"> {
  return { text: beginningOf(text), parts: parts.map(({ type }) => type) };
}

/** Never ends in half a character. */
function beginningOf(text: string): string {
  if (text.length <= PREVIEW_LENGTH) return text;
  return text.slice(0, PREVIEW_LENGTH).replace(/[\uD800-\uDBFF]$/, "");
}
