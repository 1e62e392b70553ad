import { channelKey, type EntryDraft, externalKey, messageKey, stableId } from "@anywire/core";
import { AnywireError, ENTRY_DATA, type EntryData, type Message } from "@anywire/types";
import type { InboundMessage } from "../../contract/inbound-event.ts";
import { findPlace, type Place } from "./find-place.ts";
import { recordKeyword } from "./handle-consent.ts";
import { assertExternalId, type InboundDesk, isExternalId, type Work } from "./inbound-desk.ts";
import type { InboundOutcome } from "./inbound-options.ts";
import {
  addressesOf,
  contactBehind,
  type KnownContact,
  knownContact,
  seatOf,
} from "./known-contact.ts";
import { messageContent } from "./message-content.ts";

/** Where a message belongs, once and for all. */
type Decision = Extract<EntryData<"inbound">, { step: "routed" }>;

const MAX_RECEIVER = 300;

/**
 * A message from outside: exactly once, on exactly one channel, whatever comes twice and whenever the process dies. What is decided
 * is recorded before the message is stored; whoever comes again finds the decision, and the message has an id that follows from
 * what the network calls it.
 */
export async function handleMessage(
  desk: InboundDesk,
  work: Work<InboundMessage>,
): Promise<InboundOutcome> {
  const { platform, connection, event } = work;
  assertExternalId(event.externalId);
  const { id } = connection.document;
  const decisions = work.webhook.channel;
  const known = await desk.getAfter(decisions, externalKey(platform, id, event.externalId));
  // What went out by us is told to us by some networks.
  if (known !== undefined && known.delivery !== null) return "ignored";
  const stored = known && (await desk.get(messageKey(known.channel, known.message)));
  if (known !== undefined && (await isAnothers(desk, work, known.channel, stored?.sender))) {
    return await handleMessage(desk, renamed(work));
  }
  if (stored !== undefined) return "duplicate";
  const contact = await contactBehind(desk, platform, event.sender);
  const earlier =
    known === undefined ? undefined : await decide(desk, work, contact, known.channel);
  if (earlier === undefined) await recordKeyword(desk, work, contact);
  const place = earlier === undefined ? await findPlace(desk, work, contact) : placeOf(earlier);
  const draft = await draftOf(desk, work, contact, place.channel);
  const { pipeline } = desk.options;
  const reviewed = await pipeline.review(desk.principal(platform), draft);
  if (earlier === undefined) await prepare(desk, platform, place, reviewed.channel);
  const decision = earlier ?? (await decide(desk, work, contact, reviewed.channel, place.channel));
  return await store(desk, { ...reviewed, channel: decision.channel });
}

/**
 * Whether what came in before under the same id was another person's: ids of mails are made by those who send them, and whoever
 * takes another's must not have that mail passed over as one that was there before. Who it was is told by the address, too: the
 * contact may have another by now.
 */
async function isAnothers(
  desk: InboundDesk,
  work: Work<InboundMessage>,
  channel: string,
  sender: string | undefined,
): Promise<boolean> {
  const { platform, event } = work;
  const contact = await knownContact(desk, platform, event.sender);
  const names: readonly string[] = contact?.names ?? [];
  if (sender !== undefined && names.includes(sender)) return false;
  const addresses = addressesOf(event.sender);
  // It is there, so nothing is decided now.
  const decision = await decide(desk, work, { names: ["contact:nobody"], addresses }, channel);
  return !addresses.includes(decision.address) && !names.includes(decision.contact);
}

/** Under a name of the person's own. */
function renamed({ event, ...work }: Work<InboundMessage>): Work<InboundMessage> {
  const [address = ""] = addressesOf(event.sender);
  const externalId = stableId(["own", event.externalId, address]);
  return { ...work, event: { ...event, externalId } };
}

/** The decision that is recorded: an earlier one, if there was one. */
async function decide(
  desk: InboundDesk,
  { platform, connection, event }: Work<InboundMessage>,
  { names, addresses }: Pick<KnownContact, "names" | "addresses">,
  channel: string,
  asked: string = channel,
): Promise<Decision> {
  const { id } = connection.document;
  const { externalId, receiver } = event;
  const [address = ""] = addresses;
  const { entry } = await desk.record(
    "inbound",
    {
      channel: `${platform}.connection.${id}`,
      id: stableId(["inbound", externalId]),
    },
    {
      step: "routed",
      ...{ externalId, contact: names[0], address, channel },
      receiver: receiver === undefined ? null : receiver.slice(0, MAX_RECEIVER),
      ...(asked === channel ? {} : { asked }),
      message: messageId(id, externalId),
      at: Math.max(0, Math.trunc(event.at)) || 0,
    },
  );
  const decision = ENTRY_DATA.inbound.parse(JSON.parse(entry.dataJson));
  if (decision.step === "routed") return decision;
  throw new AnywireError("internal", `entry ${entry.id} of connection ${id} is no decision`);
}

function placeOf({ channel, asked = channel }: Decision): Place {
  return { channel: asked };
}

async function draftOf(
  desk: InboundDesk,
  work: Work<InboundMessage>,
  { names }: KnownContact,
  channel: string,
): Promise<EntryDraft> {
  const { connection, event } = work;
  const content = await messageContent(desk, work);
  const replyTo = await replyToOf(desk, work, channel);
  const message: Message = replyTo === undefined ? content : { ...content, replyTo };
  return {
    channel,
    id: messageId(connection.document.id, event.externalId),
    kind: "message",
    // Also after a merge by the name under which it is known there.
    sender: (await seatOf(desk, channel, names)) ?? names[0],
    dataJson: JSON.stringify(message),
  };
}

/** The message that it answers, where that is on the same channel. */
async function replyToOf(
  desk: InboundDesk,
  { platform, connection, event: { replyTo } }: Work<InboundMessage>,
  channel: string,
): Promise<string | undefined> {
  if (replyTo === undefined || !isExternalId(replyTo)) return undefined;
  const answered = await desk.get(externalKey(platform, connection.document.id, replyTo));
  return answered?.channel === channel ? answered.message : undefined;
}

/** Opens the channel where nobody has; not when a function has sent the message elsewhere, and it would stay empty. */
async function prepare(
  desk: InboundDesk,
  platform: string,
  { channel, opening }: Place,
  reviewed: string,
): Promise<void> {
  if (opening === undefined || reviewed !== channel) return;
  await desk.call(platform, "channel.open", opening);
}

/** Whoever writes on a channel that was archived opens it again: it would be refused, and lost. */
async function store(desk: InboundDesk, draft: EntryDraft): Promise<InboundOutcome> {
  const isArchived = async (): Promise<boolean> =>
    (await desk.get(channelKey(draft.channel)))?.archived === true;
  if (await isArchived()) await reopen(desk, draft.channel);
  try {
    const { isNew } = await desk.append(draft);
    return isNew ? "done" : "duplicate";
  } catch (error) {
    const isConflict = error instanceof AnywireError && error.code === "conflict";
    if (!isConflict || !(await isArchived())) throw error;
    // Archived a moment ago.
    await reopen(desk, draft.channel);
    await desk.append(draft);
    return "done";
  }
}

async function reopen(desk: InboundDesk, channel: string): Promise<void> {
  const platform = channel.slice(0, channel.indexOf("."));
  await desk.call(platform, "channel.update", { channel, archived: false });
}

function messageId(connection: string, externalId: string): string {
  return stableId([connection, externalId]);
}
