import type { ChannelInfo, ChannelSummary, Totals } from "@anywire/types";
import type { ChannelDocument, MembershipDocument } from "../state/documents.ts";

/** What unread and hidden follow from on an account's side. */
export type Marks = Pick<MembershipDocument, "readOrdinal" | "hiddenOrdinal">;

/** Messages after what is read: exact, whatever their number. */
export function unreadOf(messages: number, { readOrdinal }: Marks): number {
  return messages - readOrdinal;
}

/** Whether a channel is hidden: until something is said. */
export function isHidden(messages: number, { hiddenOrdinal }: Marks): boolean {
  return hiddenOrdinal !== null && messages <= hiddenOrdinal;
}

/** A channel as everyone who may read it sees it. */
export function channelInfo(document: ChannelDocument): ChannelInfo {
  const { channel, type, title, avatarUrl, connection, history, meta, archived } = document;
  const { participants, participantCount, messages, createdAt } = document;
  return {
    channel,
    type,
    title,
    avatarUrl,
    connection,
    history,
    participants: [...participants],
    participantCount,
    messages,
    archived,
    meta,
    createdAt,
  };
}

/** A channel as one of its accounts sees it. */
export function channelSummary(
  document: ChannelDocument,
  membership: MembershipDocument,
): ChannelSummary {
  const { messages, ...info } = channelInfo(document);
  return {
    ...info,
    role: membership.role,
    lastMessage: document.lastMessage,
    activityOffset: document.activityOffset,
    activityAt: document.activityAt,
    readOffset: membership.readOffset,
    unread: unreadOf(messages, membership),
    mutedUntil: membership.mutedUntil,
    hidden: isHidden(messages, membership),
  };
}

/** Sums over an account's channels, without those that are hidden. */
export function totalsOf(rows: Iterable<Pick<ChannelSummary, "unread" | "hidden">>): Totals {
  const totals = { unread: 0, unreadChannels: 0 };
  for (const { unread, hidden } of rows) {
    if (hidden || unread === 0) continue;
    totals.unread += unread;
    totals.unreadChannels += 1;
  }
  return totals;
}
