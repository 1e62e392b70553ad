import type {
  DeletedData,
  Entry,
  EntryData,
  EntryKind,
  Message,
  MessageView,
  Reaction,
} from "@anywire/types";
import { delivered } from "./message-deliveries.ts";

/** A message in its present form, as far as this device knows. */
export interface TimelineMessage extends MessageView {
  /** Every change of the message up to this position of the log is in it. */
  readonly asOf: number;
}

/** Accounts that a message names of those who reacted with one mark. */
const NAMED = 20;

const ABOUT: ReadonlySet<EntryKind> = new Set([
  ...(["message", "deleted", "edit", "delete", "reaction", "pin"] as const),
]);

/** A message as it was sent, or of one that was deleted since, what is left. */
export function asSent({ id, channel, offset, sender, at, data }: SentEntry): TimelineMessage {
  return {
    ...{ id, channel, offset, sender, at },
    version: 1,
    editedAt: null,
    deleted: data === null,
    pinned: false,
    replies: 0,
    reactions: [],
    data,
    asOf: offset,
  };
}

/** What a message is made of. */
export interface SentEntry extends Pick<Entry, "id" | "offset" | "sender" | "at"> {
  readonly channel: string;
  /** Null when it was deleted for everyone. */
  readonly data: Message | null;
}

/** The message that an entry is about, beside the one it may be itself. */
export function targetOf({ kind, data }: Entry): string | undefined {
  if (!ABOUT.has(kind)) return undefined;
  const { target, thread } = data as DeletedData;
  return target ?? thread;
}

/** Whether an entry of kind `deleted` stands in the place of an edit, and not of a message. */
export function isEdit({ data }: Entry): boolean {
  return (data as DeletedData).target !== undefined;
}

/**
 * The message after an entry that is about it, which it does not have yet. Undefined when only the server can tell what it is
 * then: not all who reacted are named, and whether this one had before decides whether it counts.
 */
export function changed(
  message: TimelineMessage,
  entry: Entry,
  self: string | undefined,
): TimelineMessage | undefined {
  const known = { ...message, asOf: entry.offset };
  switch (entry.kind) {
    case "message":
      return { ...known, replies: message.replies + 1 };
    case "edit": {
      const { message: data } = entry.data as EntryData<"edit">;
      return { ...known, data, version: message.version + 1, editedAt: entry.at };
    }
    case "deleted":
      if (!isEdit(entry)) return { ...known, replies: message.replies + 1 };
      return { ...known, version: message.version + 1, editedAt: entry.at };
    case "delete":
      return { ...known, data: null, deleted: true, pinned: false, reactions: [] };
    case "pin":
      return { ...known, pinned: (entry.data as EntryData<"pin">).action === "add" };
    case "reaction": {
      const { emoji, action } = entry.data as EntryData<"reaction">;
      const reactions = counted(message.reactions, emoji, action, entry.sender, self);
      return reactions && { ...known, reactions };
    }
    case "delivery": {
      const deliveries = delivered(message.deliveries ?? [], entry);
      return deliveries && { ...known, deliveries: [...deliveries] };
    }
    default:
      return known;
  }
}

/** Counts as the server does. */
function counted(
  reactions: readonly Reaction[],
  emoji: string,
  action: "add" | "remove",
  sender: string,
  self: string | undefined,
): Reaction[] | undefined {
  const isAdded = action === "add";
  const old = reactions.find((reaction) => reaction.emoji === emoji);
  const had = old !== undefined && hasReacted(old, sender, self);
  if (had === undefined) return undefined;
  if (had === isAdded) return [...reactions];
  const { count, accounts, mine } = old ?? { count: 0, accounts: [], mine: false };
  const left = count + (isAdded ? 1 : -1);
  if (left === 0) return reactions.filter((reaction) => reaction !== old);
  const others = accounts.filter((account) => account !== sender);
  const next: Reaction = {
    emoji,
    count: left,
    accounts: isAdded && others.length < NAMED ? [...others, sender] : others,
    mine: sender === self ? isAdded : mine,
  };
  if (old === undefined) return [...reactions, next];
  return reactions.map((reaction) => (reaction === old ? next : reaction));
}

/** Undefined when it can't be known. */
function hasReacted(
  { accounts, count, mine }: Reaction,
  sender: string,
  self: string | undefined,
): boolean | undefined {
  if (sender === self) return mine;
  if (accounts.includes(sender)) return true;
  return count === accounts.length ? false : undefined;
}
