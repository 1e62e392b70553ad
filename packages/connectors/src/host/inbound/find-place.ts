import { channelKey, exchangeKey, externalKey, nameOfChannel, stableId } from "@anywire/core";
import { accountAddress, isChannelName, parseChannelName } from "@anywire/types";
import type { InboundMessage } from "../../contract/inbound-event.ts";
import { cleanLine, wellFormed } from "./clean-text.ts";
import { type InboundDesk, isExternalId, type Work } from "./inbound-desk.ts";
import { type KnownContact, seatOf } from "./known-contact.ts";

/** Where a message belongs. */
export interface Place {
  readonly channel: string;
  /** What to open it with, if nobody has yet. */
  readonly opening?: object;
}

/** Something said through a connection, by way of the address that it was said to, where the network has several. */
interface Exchange extends Pick<Work, "platform" | "connection"> {
  readonly event: { readonly receiver?: string };
}

/** Messages of a thread that are looked for. */
export const MAX_REFERENCES = 50;
const TOKEN = "channel:";
/** Answers to what went to many come into each contact's own channel. */
const MASS = "mass";
const MAX_THREAD = 256;

/**
 * Where a message belongs: on the channel of what it answers or refers to; else of the latest message to that contact through that
 * sender, or through that connection; else on a channel with the contact and the connection's default accounts. A message that
 * begins a thread of its own is not drawn into another.
 */
export async function findPlace(
  desk: InboundDesk,
  work: Work<InboundMessage>,
  contact: KnownContact,
): Promise<Place> {
  const referred = await referredChannel(desk, work, contact);
  if (referred !== undefined) return { channel: referred };
  const latest = work.event.thread === undefined ? await latestChannel(desk, work, contact) : null;
  return latest !== null ? { channel: latest } : await ownChannel(desk, work, contact);
}

/** Only where the contact takes part: whoever has a token or an id that was not meant for them gets nowhere by it. */
async function referredChannel(
  desk: InboundDesk,
  work: Work<InboundMessage>,
  { names }: KnownContact,
): Promise<string | undefined> {
  const { event } = work;
  const own = event.replyTo === undefined ? [] : [event.replyTo];
  const references = [...own, ...(event.references ?? [])].slice(0, MAX_REFERENCES);
  const channels = await channelsOf(desk, work, references);
  for (const channel of new Set(channels)) {
    if (channel !== undefined && (await seatOf(desk, channel, names)) !== undefined) return channel;
  }
  return undefined;
}

async function channelsOf(
  desk: InboundDesk,
  { platform, connection }: Work,
  references: readonly string[],
): Promise<readonly (string | undefined)[]> {
  const id = connection.document.id;
  const kept = references.filter(isExternalId);
  const found = await desk.getAll(kept.map((one) => externalKey(platform, id, one)));
  const known = new Map(kept.map((one, i) => [one, found[i]?.channel]));
  return references.map((reference) =>
    reference.startsWith(TOKEN)
      ? ownName(platform, reference.slice(TOKEN.length))
      : known.get(reference),
  );
}

function ownName(platform: string, name: string): string | undefined {
  return isChannelName(name) && parseChannelName(name).platform === platform ? name : undefined;
}

/** Of what was last said between the contact, under any of its names, and that sender or the connection at all. */
export async function latestChannel(
  desk: InboundDesk,
  { platform, connection, event }: Exchange,
  { names }: KnownContact,
): Promise<string | null> {
  const id = connection.document.id;
  const levels = event.receiver === undefined ? [null] : [event.receiver, null];
  for (const own of levels) {
    const found = await desk.getAll(names.map((name) => exchangeKey(platform, id, name, own)));
    const [latest] = found
      .filter((one) => one !== undefined)
      .filter(({ channel }) => parseChannelName(channel).type !== MASS)
      // Where nothing was sent, its present name comes first: two that became one then go on together.
      .sort((a, b) => (b.outboundAt ?? 0) - (a.outboundAt ?? 0));
    if (latest !== undefined) return latest.channel;
  }
  return null;
}

async function ownChannel(
  desk: InboundDesk,
  { platform, connection, event }: Work<InboundMessage>,
  { names }: KnownContact,
): Promise<Place> {
  const { document, connector } = connection;
  const { channelType } = connector;
  const participants = [names[0], ...document.defaultAccounts.map(accountAddress)];
  const title = event.title === undefined ? undefined : cleanLine(event.title);
  const given = {
    connection: document.id,
    ...(event.thread === undefined ? {} : { thread: threadOf(event.thread) }),
    // Only types that have no identity of their own heed it.
    id: stableId([document.id, event.externalId]),
  };
  const principal = desk.principal(platform);
  const channel = nameOfChannel(principal, channelType, given, participants);
  const isOpen = (await desk.get(channelKey(channel))) !== undefined;
  if (isOpen) return { channel };
  const type = channelType.name;
  const named = title === undefined ? {} : { title };
  return { channel, opening: { type, participants, join: false, ...given, ...named } };
}

function threadOf(thread: string): string {
  const isShort = thread.length >= 1 && thread.length <= MAX_THREAD;
  return isShort ? wellFormed(thread) : stableId(["thread", thread]);
}
