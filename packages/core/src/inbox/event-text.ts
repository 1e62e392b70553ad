import type {
  ChannelSummary,
  NotificationEvent,
  NotificationEventName,
  Totals,
} from "@anywire/types";
import type { LogEntry } from "../ports/log.ts";
import type { ChannelDocument, MembershipDocument } from "../state/documents.ts";
import { channelInfo, channelSummary, isHidden, unreadOf } from "./summary.ts";

type Shared = Partial<ChannelSummary>;

/** Which event an entry is for those who take part in its channel, and what all of them are told alike. */
interface EventKind {
  readonly event: NotificationEventName;
  readonly shared: (document: ChannelDocument | undefined) => Shared;
}

const nothing = (): Shared => ({});

const updated: EventKind = {
  event: "channel.updated",
  shared: (document) => {
    if (document === undefined) return {};
    const { messages: _, channel: __, ...info } = channelInfo(document);
    return info;
  },
};

function lastSaid(document: ChannelDocument | undefined): Shared {
  if (document === undefined) return {};
  const { lastMessage, activityOffset, activityAt } = document;
  return { lastMessage, activityOffset, activityAt };
}

const messageUpdated: EventKind = { event: "message.updated", shared: lastSaid };

const KINDS: Readonly<Partial<Record<LogEntry["kind"], EventKind>>> = {
  message: { event: "message.new", shared: lastSaid },
  opened: updated,
  updated,
  added: updated,
  removed: updated,
  role: updated,
  edit: messageUpdated,
  delete: messageUpdated,
  read: { event: "channel.read", shared: nothing },
  mute: { event: "channel.muted", shared: nothing },
  hide: { event: "channel.hidden", shared: nothing },
};

/** What an entry of this kind can name in its data. */
interface Named {
  readonly mentions?: readonly string[];
  readonly target?: string;
}

/**
 * The event that one entry is for many accounts, as JSON text: what is the same for all is made once, since a
 * message into a large group becomes as many events as there are accounts online.
 */
export class EventText {
  readonly #entry: LogEntry;
  /** The channel that is concerned. */
  readonly channel: string;
  readonly #document: ChannelDocument | undefined;
  /** Up to where the account's own fields of the row stand; undefined when it is no event. */
  #shared: string | undefined;
  readonly #mentions: readonly string[];

  /**
   * @param channel the channel that is concerned: for a read mark not the one the entry stands on
   * @param document the channel after the entry, when that changed
   */
  constructor(entry: LogEntry, channel: string, document: ChannelDocument | undefined) {
    this.#entry = entry;
    this.channel = channel;
    this.#document = document;
    const kind = KINDS[entry.kind];
    const named = this.#named();
    this.#mentions = named.mentions ?? [];
    if (kind === undefined || !this.#concernsLast(named)) return;
    const fields = JSON.stringify(kind.shared(document)).slice(1, -1);
    this.#shared = `${this.#head(kind.event)},"change":{${fields === "" ? "" : `${fields},`}`;
  }

  /** For an account whose row of the channel changed; undefined when the entry is no event. */
  changed(
    account: string,
    membership: MembershipDocument,
    messages: number,
    totals: Totals,
  ): string | undefined {
    if (this.#shared === undefined) return undefined;
    const { role, readOffset, mutedUntil } = membership;
    const own =
      `"role":"${role}","readOffset":${readOffset},"unread":${unreadOf(messages, membership)},` +
      `"mutedUntil":${mutedUntil},"hidden":${isHidden(messages, membership)}`;
    const mentioned = this.#mentions.includes(account) ? ',"mentioned":true' : "";
    return `${this.#shared}${own}}${mentioned},${totalsText(totals)}}`;
  }

  /** For an account that has come to take part in the channel. */
  opened(membership: MembershipDocument, document: ChannelDocument, totals: Totals): string {
    const row = JSON.stringify(channelSummary(document, membership));
    return `${this.#head("channel.opened")},"change":${row},${totalsText(totals)}}`;
  }

  /** For an account that takes part no more. */
  left(totals: Totals): string {
    return `${this.#head("channel.left")},${totalsText(totals)}}`;
  }

  /** For an account that does not want to see a message. */
  messageHidden(totals: Totals): string {
    const target = JSON.stringify(this.#named().target);
    return `${this.#head("message.hidden")},"message":${target},${totalsText(totals)}}`;
  }

  #head(event: NotificationEventName): string {
    return `{"event":"${event}","by":${JSON.stringify(this.#entry.sender)},"channel":"${this.channel}"`;
  }

  /** Only the last message of a channel is in its row. */
  #concernsLast({ target }: Named): boolean {
    const { kind } = this.#entry;
    if (kind !== "edit" && kind !== "delete") return true;
    return this.#document?.lastMessage?.id === target;
  }

  #named(): Named {
    const { kind, dataJson } = this.#entry;
    const names = kind === "edit" || kind === "delete" || kind === "delete_for_me";
    const mayMention = kind === "message" && dataJson.includes('"mentions"');
    return names || mayMention ? (JSON.parse(dataJson) as Named) : {};
  }
}

/** The event of an account that changed. */
export function accountEventText(
  entry: LogEntry,
  account: NonNullable<NotificationEvent["account"]>,
  totals: Totals,
): string {
  const event: NotificationEvent = { event: "account.updated", by: entry.sender, account, totals };
  return JSON.stringify(event);
}

/** An event as what the hub hands out: an entry of the notification channel, at the place of what it tells of. */
export function eventEntry(channel: string, source: LogEntry, dataJson: string): LogEntry {
  const { id, sender, offset, at, timetoken } = source;
  return { channel, id, kind: "data", sender, dataJson, offset, previousOffset: 0, at, timetoken };
}

function totalsText({ unread, unreadChannels }: Totals): string {
  return `"totals":{"unread":${unread},"unreadChannels":${unreadChannels}}`;
}
