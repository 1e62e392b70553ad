import type { Entry, EntryKind, Message } from "@anywire/types";
import type { PublicationContext } from "centrifuge";

/** An entry of kind `message`. */
export interface MessageEntry extends Omit<Entry, "kind" | "data"> {
  readonly kind: "message";
  readonly data: Message;
}

/** Something live that was never stored, such as typing. */
export interface SignalEvent {
  readonly channel: string;
  /** What it is, such as `typing`. */
  readonly kind: string;
  /** Address of who sent it, such as `account:bob`. */
  readonly sender: string;
  /** The connection it came through. */
  readonly client: string;
  readonly data: unknown;
}

/** The entry as a message, or undefined when it is none. */
export function asMessage(entry: Entry): MessageEntry | undefined {
  return entry.kind === "message"
    ? (entry as Omit<Entry, "kind" | "data"> as MessageEntry)
    : undefined;
}

/** What the protocol has no field for, or none that its clients show. */
interface Tags {
  readonly id?: string;
  /** Of a stored entry its kind, otherwise `signal`. */
  readonly kind?: string;
  /** The kind of the signal. */
  readonly signal?: string;
  /** When it was stored, milliseconds since the Unix epoch. */
  readonly at?: string;
  /** The real channel, when the subscription is a pattern. */
  readonly channel?: string;
}

/** The entry behind a publication, or undefined when nothing was stored. */
export function toEntry(publication: PublicationContext): Entry | undefined {
  const { offset, info, data } = publication;
  const tags: Tags = publication.tags ?? {};
  if (offset === undefined || offset === 0) return undefined;
  return {
    offset,
    id: tags.id ?? "",
    kind: tags.kind as EntryKind,
    channel: tags.channel ?? publication.channel,
    sender: toSender(info?.user ?? ""),
    ...(info?.client ? { client: info.client } : {}),
    at: Number(tags.at),
    data,
  };
}

/** The signal behind a publication, or undefined when it is none. */
export function toSignal(publication: PublicationContext): SignalEvent | undefined {
  const { info, data } = publication;
  const tags: Tags = publication.tags ?? {};
  if (tags.kind !== "signal") return undefined;
  return {
    channel: tags.channel ?? publication.channel,
    kind: tags.signal ?? "",
    sender: toSender(info?.user ?? ""),
    client: info?.client ?? "",
    data,
  };
}

/** The address behind `info.user`: an account's bare id, which has no colon, or a whole address. */
function toSender(user: string): string {
  return user.includes(":") ? user : `account:${user}`;
}
