import { notificationChannel, parseAddress, platformOf } from "@anywire/types";
import type { StateAddress } from "../ports/state-store.ts";
import type {
  AccountDocument,
  ChannelDocument,
  ConnectionDocument,
  ConsentDocument,
  ContactDocument,
  DeliveryDocument,
  DeliveryPlace,
  DeviceDocument,
  ExchangeDocument,
  ExternalDocument,
  InboundProblemDocument,
  MembershipDocument,
  MessageDocument,
  OrdinalDocument,
  OriginDocument,
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
/** By delivery. */
export const DELIVERY = "y:";
/** By message. */
const ORIGIN = "n:";
/** In an account's partition, by channel. */
export const MEMBERSHIP = "c:";
/** In an account's partition, by device. */
export const DEVICE = "d:";
/** In an account's partition, by channel and message: what it does not want to see. */
const OUT_OF_SIGHT = "x:";

/** In a connection's channel, by offset: what came in and could not be handled. */
export const INBOUND_PROBLEM = "i:";

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

/** A delivery, by the channel of its message. */
export function deliveryKey(channel: string, id: string): StateKey<DeliveryDocument> {
  return { partition: channel, sort: DELIVERY + id };
}

/** The list of a platform's deliveries, by id; the value is the channel. */
export function deliveryIndexKey(platform: string, id: string): StateKey<string> {
  return { partition: `${platform}/deliveries`, sort: id };
}

/** The list of those of a connection that wait, in the order of their messages. */
export function openDeliveryKey(
  platform: string,
  connection: string,
  messageOffset: number,
  id: string,
): StateKey<DeliveryPlace> {
  const partition = openDeliveries(platform, connection);
  return { partition, sort: `${sortableOffset(messageOffset)}:${id}` };
}

/** The partition of a connection's deliveries that wait. */
export function openDeliveries(platform: string, connection: string): string {
  return `${platform}/open/${connection}`;
}

/** The list of those that failed, or whose fate nobody knows, by id; the value is the channel. */
export function problemDeliveryKey(platform: string, id: string): StateKey<string> {
  return { partition: `${platform}/problems`, sort: id };
}

/** The partition of deliveries that another connection stands in for at a time, by that time. */
export const FALLBACKS = "fallbacks";

/** A delivery that another connection stands in for at a time. */
export function fallbackKey(at: number, id: string): StateKey<DeliveryPlace> {
  return { partition: FALLBACKS, sort: `${sortableOffset(at)}:${id}` };
}

/** What an id of a network stands for. */
export function externalKey(
  platform: string,
  connection: string,
  externalId: string,
): StateKey<ExternalDocument> {
  return { partition: `${platform}/external/${connection}`, sort: externalId };
}

/** What the network calls a message that came in, by the message's channel. */
export function originKey(channel: string, message: string): StateKey<OriginDocument> {
  return { partition: channel, sort: ORIGIN + message };
}

/** What was last said between a contact and a connection; with `own`, through that one of the connection's addresses. */
export function exchangeKey(
  platform: string,
  connection: string,
  contact: string,
  own?: string | null,
): StateKey<ExchangeDocument> {
  const sort = own === undefined || own === null ? contact : `${contact} ${own}`;
  return { partition: `${platform}/exchanges/${connection}`, sort };
}

/** Whether the person behind an address wants to be written to, through one connection or, with null, any. */
export function consentKey(
  platform: string,
  address: string,
  connection: string | null,
): StateKey<ConsentDocument> {
  return { partition: `${platform}/consents`, sort: `${address} ${connection ?? "*"}` };
}

/** The partition of all connections, by id. */
export const CONNECTIONS = "connections";

/** A connection. */
export function connectionKey(id: string): StateKey<ConnectionDocument> {
  return { partition: CONNECTIONS, sort: id };
}

/** The list of a platform's connections, by id. */
export function connectionIndexKey(platform: string, id: string): StateKey<true> {
  return { partition: `${platform}/connections`, sort: id };
}

/** The connection that channels of a network take which name none; the value is its id. */
export function defaultConnectionKey(platform: string, network: string): StateKey<string> {
  return { partition: `${platform}/default-connections`, sort: network };
}

/** Something that came in through a connection and could not be handled, by its offset. */
export function inboundProblemKey(
  channel: string,
  offset: number,
): StateKey<InboundProblemDocument> {
  return { partition: channel, sort: INBOUND_PROBLEM + sortableOffset(offset) };
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
