import { notificationChannel, parseAddress, platformOf } from "@anywire/types";
import type { StateAddress } from "../ports/state-store.ts";
import type {
  AccountDocument,
  ChannelDocument,
  ContactDocument,
  DeviceDocument,
  MembershipDocument,
  MessageDocument,
  OrdinalDocument,
  ParticipantDocument,
} from "./documents.ts";

/** Where a document of type `T` is kept. The type is for the compiler only. */
export interface StateKey<T> extends StateAddress {
  readonly document?: T;
}

/** What a channel's own partition holds beside the channel: prefix and what follows it. */
export const PARTICIPANT = "p:";
/** By entry id. */
const MESSAGE = "m:";
/** By offset. */
export const ORDINAL = "o:";
/** By thread and offset. */
export const THREAD = "t:";
/** By message, mark and account. */
const REACTION = "r:";
/** In an account's partition, by channel. */
export const MEMBERSHIP = "c:";
/** In an account's partition, by device. */
export const DEVICE = "d:";
/** In an account's partition, by channel and message: what it does not want to see. */
const OUT_OF_SIGHT = "x:";

/** `sort` of the channel in its own partition. */
export const CHANNEL = "channel";
/** `sort` of the account in its own partition, that of its notification channel. */
export const ACCOUNT = "account";
/** `sort` of when an account was last seen, in its partition. */
const SEEN = "seen";

/** `sort` of a contact in its own partition, that of its channel. */
const CONTACT = "contact";

/** A channel. */
export function channelKey(channel: string): StateKey<ChannelDocument> {
  return { partition: channel, sort: CHANNEL };
}

/** A participant of a channel. */
export function participantKey(channel: string, address: string): StateKey<ParticipantDocument> {
  return { partition: channel, sort: PARTICIPANT + address };
}

/** A message of a channel. */
export function messageKey(channel: string, id: string): StateKey<MessageDocument> {
  return { partition: channel, sort: MESSAGE + id };
}

/** The message at an offset of a channel. */
export function ordinalKey(channel: string, offset: number): StateKey<OrdinalDocument> {
  return { partition: channel, sort: ORDINAL + sortableOffset(offset) };
}

/** A message in a thread; the value is its id. */
export function threadKey(channel: string, thread: string, offset: number): StateKey<string> {
  return { partition: channel, sort: `${THREAD}${thread}:${sortableOffset(offset)}` };
}

/** One account's reaction to a message. */
export function reactionKey(
  channel: string,
  target: string,
  emoji: string,
  address: string,
): StateKey<true> {
  return { partition: channel, sort: `${REACTION}${target}:${emoji}:${address}` };
}

/** The partition of an account is named like its notification channel. */
export function accountKey(platform: string, accountId: string): StateKey<AccountDocument> {
  return { partition: notificationChannel(platform, accountId), sort: ACCOUNT };
}

/** An account's side of a channel, by the account's partition. */
export function membershipKey(partition: string, channel: string): StateKey<MembershipDocument> {
  return { partition, sort: MEMBERSHIP + channel };
}

/** The side of a channel of the account or contact that has that address; undefined for any other address. */
export function membershipKeyOf(
  channel: string,
  address: string,
): StateKey<MembershipDocument> | undefined {
  const platform = platformOf(channel);
  const { kind, value } = parseAddress(address);
  if (kind === "account") return membershipKey(notificationChannel(platform, value), channel);
  if (kind === "contact") return membershipKey(`${platform}.contact.${value}`, channel);
  return undefined;
}

/** When an account's last device went, milliseconds since the Unix epoch, by the account's partition. */
export function seenKey(partition: string): StateKey<number> {
  return { partition, sort: SEEN };
}

/** A device of an account, by the account's partition. */
export function deviceKey(partition: string, id: string): StateKey<DeviceDocument> {
  return { partition, sort: DEVICE + id };
}

/** A message that an account does not want to see, by the account's partition. */
export function outOfSightKey(partition: string, channel: string, id: string): StateKey<true> {
  return { partition, sort: `${OUT_OF_SIGHT}${channel}:${id}` };
}

/** The list of a platform's accounts, by id. */
export function accountIndexKey(platform: string, accountId: string): StateKey<true> {
  return { partition: `${platform}/accounts`, sort: accountId };
}

/** A contact, by its own channel. */
export function contactKey(channel: string): StateKey<ContactDocument> {
  return { partition: channel, sort: CONTACT };
}

/** The id of the contact who has an address. */
export function addressKey(platform: string, address: string): StateKey<string> {
  return { partition: `${platform}/addresses`, sort: address };
}

/** The list of a platform's contacts, by id. */
export function contactIndexKey(platform: string, id: string): StateKey<true> {
  return { partition: `${platform}/contacts`, sort: id };
}

/**
 * Whether changes of an item are told to those who watch the state: channels, their participants, what
 * accounts see of them, and accounts; not messages, which would be most of all.
 */
export function isWatched(sort: string): boolean {
  return (
    sort === CHANNEL ||
    sort === ACCOUNT ||
    sort.startsWith(MEMBERSHIP) ||
    sort.startsWith(PARTICIPANT)
  );
}

/** An offset as text that sorts like the number. */
export function sortableOffset(offset: number): string {
  return String(offset).padStart(16, "0");
}
