import {
  DELIVERY,
  type DeliveryDocument,
  deliveryIndexKey,
  deliveryKey,
  type ExternalDocument,
  exchangeKey,
  externalKey,
  stableId,
} from "@anywire/core";
import type { DeliveryEntry } from "@anywire/types";
import { parseAddress } from "@anywire/types";
import type { InboundRead, InboundReceipt } from "../../contract/inbound-event.ts";
import { suppressAddress } from "./handle-consent.ts";
import { type InboundDesk, isExternalId, NotKnownYet, type Work } from "./inbound-desk.ts";
import type { InboundOutcome } from "./inbound-options.ts";
import { type KnownContact, knownContact } from "./known-contact.ts";

/** The network has said nothing yet, or was not heard. */
const UNANSWERED: ReadonlySet<string> = new Set(["sending", "unconfirmed"]);
const READABLE: ReadonlySet<string> = new Set(["sent", "delivered"]);

/** Networks count in seconds, and leave out what is less. */
const SECOND_MS = 1_000;
/** Deliveries of one exchange that are looked at for being read, in pages of so many. */
const PAGE = 100;
const MAX_PAGES = 10;

/** How far a message of ours has come. May come twice and in any order: the state takes back nothing. */
export async function handleReceipt(
  desk: InboundDesk,
  work: Work<InboundReceipt>,
): Promise<InboundOutcome> {
  const { connection, event } = work;
  const delivery = await deliveryOf(desk, work);
  // Another connection's deliveries are not this network's to speak of.
  if (delivery.connection !== connection.document.id) return "ignored";
  const { externalId = "", status, suppressAddress: isSuppressed = false } = event;
  // Where our own note of what the network calls it was lost, its receipt has it.
  const isLost = UNANSWERED.has(delivery.status) && externalId !== "";
  if (isLost && status !== "failed" && status !== "sent") {
    await recordStep(desk, work, delivery, sentStep(delivery, event), externalId);
  }
  const step = stepOf(delivery, event);
  if (step === undefined) return "duplicate";
  const isNew = await recordStep(desk, work, delivery, step, externalId);
  if (isSuppressed) await suppress(desk, work, delivery);
  return isNew ? "done" : "duplicate";
}

/** Somebody has read all that went to them up to a time. */
export async function handleRead(
  desk: InboundDesk,
  work: Work<InboundRead>,
): Promise<InboundOutcome> {
  const { platform, event } = work;
  const contact = await knownContact(desk, platform, event.sender);
  if (contact === undefined) return "ignored";
  const channels = await exchangeChannels(desk, work, contact);
  let isNew = false;
  for (const channel of channels) {
    for (const delivery of await unreadDeliveries(desk, work, contact, channel)) {
      const step = { step: "read", id: delivery.id, at: whole(event.at) } as const;
      isNew = (await recordStep(desk, work, delivery, step, "")) || isNew;
    }
  }
  return isNew ? "done" : "ignored";
}

/** @throws {NotKnownYet} when the network names none that there is */
async function deliveryOf(
  desk: InboundDesk,
  { platform, connection, event }: Work<InboundReceipt>,
): Promise<DeliveryDocument> {
  const { deliveryId, externalId } = event;
  // One look for both: receipts are most of what networks tell. Nothing is kept under an empty name.
  const ids = [deliveryId, externalId].map((id = "") => (isExternalId(id) ? id : " "));
  const [ownId = "", theirId = ""] = ids;
  const { values } = await desk.options.state.get([
    deliveryIndexKey(platform, ownId),
    externalKey(platform, connection.document.id, theirId),
  ]);
  const [byId, known] = values as [string | undefined, ExternalDocument | undefined];
  const [channel, id] =
    byId !== undefined ? [byId, deliveryId] : [known?.channel, known?.delivery ?? undefined];
  if (channel !== undefined && id !== undefined) {
    const delivery = await desk.get(deliveryKey(channel, id));
    if (delivery !== undefined) return delivery;
  }
  throw new NotKnownYet(`no delivery is called ${externalId ?? deliveryId ?? "nothing"}`);
}

/** What a receipt says of a delivery; undefined for nothing new. */
function stepOf(delivery: DeliveryDocument, event: InboundReceipt): DeliveryEntry | undefined {
  const { id } = delivery;
  const { status, at, from, price, error } = event;
  if (status === "failed") {
    const reason = "the network gave no reason";
    return { step: "failed", id, error: error ?? { class: "unknown", reason } };
  }
  if (status === "sent") {
    const isNew = UNANSWERED.has(delivery.status) || delivery.status === "queued";
    return isNew ? sentStep(delivery, event) : undefined;
  }
  return {
    ...{ step: status, id, at: whole(at) },
    ...(from === undefined ? {} : { from: from.slice(0, 300) }),
    ...(price === undefined ? {} : { price }),
  };
}

function sentStep(
  { id, externalIds }: DeliveryDocument,
  { externalId, from, price }: InboundReceipt,
): DeliveryEntry {
  const own = externalId === undefined ? [] : [externalId];
  return {
    ...{ step: "sent", id },
    externalIds: [...new Set([...externalIds, ...own])],
    ...(from === undefined ? {} : { from: from.slice(0, 300) }),
    ...(price === undefined ? {} : { price }),
  };
}

async function recordStep(
  desk: InboundDesk,
  { connection }: Work,
  { channel, id }: DeliveryDocument,
  step: DeliveryEntry,
  externalId: string,
): Promise<boolean> {
  // A delivery that was sent again has another id at the network, and receipts of its own.
  const cause = [connection.document.id, id, step.step, externalId];
  const place = { channel, id: stableId(["receipt", ...cause]) };
  return (await desk.record("delivery", place, step)).isNew;
}

async function suppress(
  desk: InboundDesk,
  work: Work<InboundReceipt>,
  { id, participant, address }: DeliveryDocument,
): Promise<void> {
  const { kind, value } = parseAddress(participant);
  if (kind !== "contact" || address === null) return;
  const reason = work.event.error?.reason ?? "the network takes no more messages to it";
  await suppressAddress(desk, work, value, address, { delivery: id, reason });
}

async function exchangeChannels(
  desk: InboundDesk,
  { platform, connection }: Work,
  { names }: KnownContact,
): Promise<Set<string>> {
  const { id } = connection.document;
  const found = await desk.getAll(names.map((name) => exchangeKey(platform, id, name)));
  return new Set(found.flatMap((one) => (one === undefined ? [] : [one.channel])));
}

/** Those that had arrived by then, newest first; ids of deliveries grow with time. */
async function unreadDeliveries(
  { options: { state } }: InboundDesk,
  { connection, event }: Work<InboundRead>,
  { names }: KnownContact,
  channel: string,
): Promise<readonly DeliveryDocument[]> {
  const found: DeliveryDocument[] = [];
  let before: string | undefined;
  for (let page = 0; page < MAX_PAGES; page += 1) {
    const { items, hasMore } = await state.list({
      ...{ partition: channel, prefix: DELIVERY, limit: PAGE, order: "desc" },
      ...(before === undefined ? {} : { before }),
    });
    const theirs = items
      .map(({ value }) => value as DeliveryDocument)
      .filter((one) => one.connection === connection.document.id)
      .filter(({ participant }) => names.includes(participant))
      .filter(({ createdAt }) => createdAt < event.at + SECOND_MS);
    const unread = theirs.filter(({ status }) => READABLE.has(status));
    found.push(...unread);
    before = items.at(-1)?.sort;
    // What came before something that is read was read with it.
    const isOver = theirs.length > 0 && unread.length === 0;
    if (!hasMore || isOver) break;
  }
  return found;
}

function whole(at: number): number {
  return Math.max(0, Math.trunc(at)) || 0;
}
