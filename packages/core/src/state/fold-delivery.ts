import {
  AnywireError,
  type DeliveryErrorClass,
  type DeliveryStatus,
  type EntryData,
  type MessageDelivery,
  platformOf,
} from "@anywire/types";
import type { DeliveryDocument } from "./documents.ts";
import type { FoldEntry } from "./fold.ts";
import {
  deliveryIndexKey,
  deliveryKey,
  exchangeKey,
  externalKey,
  fallbackKey,
  messageKey,
  openDeliveryKey,
  problemDeliveryKey,
  type StateKey,
} from "./state-key.ts";
import type { StateView } from "./state-view.ts";

const MAX_STEPS = 100;
/** Deliveries that a message tells of. */
const NAMED = 20;

type Step = EntryData<"delivery">;
type Plan = Extract<Step, { step: "queued" | "refused" }>;
type LaterStep = Exclude<Step, Plan>;

/** Receipts move up this order only. */
const RANK: Readonly<Partial<Record<DeliveryStatus, number>>> = {
  sent: 1,
  delivered: 2,
  read: 3,
};

/** Nothing has surely left yet. */
const BEFORE_SENT: ReadonlySet<DeliveryStatus> = new Set(["queued", "sending", "unconfirmed"]);

const ARRIVED: ReadonlySet<DeliveryStatus> = new Set(["delivered", "read"]);

/** Whoever does not want a message does not want it by another way. */
const SAID_NO: ReadonlySet<DeliveryErrorClass> = new Set(["consent", "opted_out"]);

/**
 * One step in the life of a delivery. A lattice: what the network said last takes nothing back that it said before, so receipts
 * may come twice and in any order. `failed` stays, unless the network says afterwards that it arrived: that counts, and is flagged.
 * A step that contradicts what is known changes nothing.
 * @throws {AnywireError} `not_found`
 */
export function foldDelivery(view: StateView, entry: FoldEntry, data: Step): void {
  if (data.step === "queued" || data.step === "refused") {
    plan(view, entry, data);
    return;
  }
  const known = view.get(deliveryKey(entry.channel, data.id));
  if (known === undefined) {
    throw new AnywireError("not_found", `there is no delivery ${data.id} in ${entry.channel}`);
  }
  const next = after(known, data, entry.at);
  const steps = known.steps.length < MAX_STEPS ? [...known.steps, entry.offset] : known.steps;
  keep(view, { ...(next ?? known), steps }, known);
  if (next === undefined) return;
  if (data.step === "sent") sent(view, entry, next);
  else if (known.from === null && next.from !== null) sentThrough(view, next, next.from);
}

function plan(view: StateView, entry: FoldEntry, data: Plan): void {
  if (view.get(deliveryKey(entry.channel, data.id)) !== undefined) return;
  const message = view.get(messageKey(entry.channel, data.message));
  const isRefused = data.step === "refused";
  keep(view, {
    id: data.id,
    participant: data.participant,
    network: data.network,
    connection: data.connection,
    status: isRefused ? "failed" : "queued",
    error: isRefused ? data.error : null,
    channel: entry.channel,
    message: data.message,
    action: data.action,
    address: data.address,
    from: null,
    externalIds: [],
    attempts: 0,
    dueAt: isRefused ? null : entry.at,
    segments: null,
    price: null,
    warnings: [],
    fallbackOf: data.fallbackOf,
    wasContradicted: false,
    createdAt: entry.at,
    statusAt: entry.at,
    expiresAt: data.expiresAt,
    messageOffset: message?.offset ?? entry.offset,
    cause: data.cause,
    fallback: data.fallback,
    isOpen: !isRefused,
    ...(data.isTest === undefined ? {} : { isTest: data.isTest }),
    steps: [entry.offset],
  });
  if (!isRefused) intend(view, data, entry.channel);
  if (data.fallbackOf !== null) standIn(view, entry, data.fallbackOf, data.id);
  view.set(deliveryIndexKey(platformOf(entry.channel), data.id), entry.channel);
}

/**
 * Whoever is written to in vain, as on networks where the other side has to begin, answers in the channel where it was tried: while
 * nothing was said between the two, the last try decides. What only tries the connection out takes nobody's place.
 */
function intend(view: StateView, plan: Plan, channel: string): void {
  const { connection, participant, action, isTest = false } = plan;
  if (connection === null || action !== "send") return;
  const key = exchangeKey(platformOf(channel), connection, participant);
  const known = view.get(key);
  if (known !== undefined && isTest) return;
  if (known !== undefined && (known.outboundAt !== null || known.inboundAt !== null)) return;
  view.set(key, { channel, outboundAt: null, inboundAt: null });
}

/** Another connection has taken a delivery over: once. What still waits is called back, so that it does not go out both ways. */
function standIn(view: StateView, entry: FoldEntry, id: string, by: string): void {
  const known = view.get(deliveryKey(entry.channel, id));
  if (known === undefined) return;
  const next = known.status === "queued" ? moved(known, "canceled", entry.at) : known;
  keep(view, { ...next, fallback: null, standIn: by }, known);
}

/** What a step makes of a delivery; undefined when it changes nothing. */
type After<S extends LaterStep["step"]> = (
  known: DeliveryDocument,
  data: Extract<LaterStep, { step: S }>,
  at: number,
) => DeliveryDocument | undefined;

const AFTER: { readonly [S in LaterStep["step"]]: After<S> } = {
  sending(known, { attempt }, at) {
    if (known.status !== "queued") return undefined;
    return { ...moved(known, "sending", at), attempts: attempt, isOpen: true };
  },
  sent(known, data, at) {
    const { externalIds, from = known.from, segments = known.segments } = data;
    const { price = known.price, warnings = known.warnings } = data;
    const facts = { externalIds, from, segments, price, warnings };
    // A receipt was faster than the answer, or than the state of who took it, and knows one of several names.
    if (!BEFORE_SENT.has(known.status)) {
      return { ...known, ...facts, externalIds: allOf(known.externalIds, externalIds) };
    }
    return { ...moved(known, "sent", at), ...facts };
  },
  postponed(known, { dueAt, isAttempt, error }, at) {
    // The network was asked, and says that it never arrived.
    const wasAsked = known.status === "unconfirmed" && known.isOpen;
    if (known.status !== "queued" && known.status !== "sending" && !wasAsked) return undefined;
    if (known.standIn !== undefined) return moved(known, "canceled", at);
    const attempts = isAttempt ? known.attempts : Math.max(0, known.attempts - 1);
    return { ...moved(known, "queued", at), attempts, dueAt, error, isOpen: true };
  },
  unconfirmed(known, { isFinal, reason }, at) {
    if (known.status !== "sending" && known.status !== "unconfirmed") return undefined;
    const error = { class: "unknown", reason } as const;
    return { ...moved(known, "unconfirmed", at), error, isOpen: !isFinal };
  },
  failed(known, { error }, at) {
    if (ARRIVED.has(known.status)) return { ...known, wasContradicted: true };
    if (known.status === "failed" || known.status === "canceled") return undefined;
    return { ...moved(known, "failed", at), error };
  },
  retried(known, { expiresAt }, at) {
    if (known.status !== "failed" && known.status !== "unconfirmed") return undefined;
    return { ...moved(known, "queued", at), attempts: 0, dueAt: at, expiresAt, isOpen: true };
  },
  canceled(known, _data, at) {
    return known.status === "queued" ? moved(known, "canceled", at) : undefined;
  },
  delivered: received,
  read: received,
};

function after<S extends LaterStep["step"]>(
  known: DeliveryDocument,
  data: Extract<LaterStep, { step: S }>,
  at: number,
): DeliveryDocument | undefined {
  return (AFTER[data.step as S] as After<S>)(known, data, at);
}

/** What either of two lists has, the longer one first. */
function allOf(some: readonly string[], others: readonly string[]): string[] {
  const lists = others.length >= some.length ? [others, some] : [some, others];
  return [...new Set(lists.flat())];
}

/** In another status, for which nothing is open and nothing is wrong. */
function moved(known: DeliveryDocument, status: DeliveryStatus, at: number): DeliveryDocument {
  return { ...known, status, statusAt: at, error: null, dueAt: null, isOpen: false };
}

function received(
  known: DeliveryDocument,
  data: Extract<LaterStep, { step: "delivered" | "read" }>,
  at: number,
): DeliveryDocument {
  const { from = known.from, price = known.price } = data;
  const facts = { from, price };
  const isHigher = (RANK[data.step] ?? 0) > (RANK[known.status] ?? 0);
  if (!isHigher) return { ...known, ...facts };
  const wasOver = known.status === "failed" || known.status === "canceled";
  const wasContradicted = known.wasContradicted || wasOver;
  return { ...moved(known, data.step, at), ...facts, wasContradicted };
}

/** Keeps a delivery, and the lists it is in. */
function keep(view: StateView, delivery: DeliveryDocument, before?: DeliveryDocument): void {
  view.set(deliveryKey(delivery.channel, delivery.id), delivery);
  const listed = new Map(
    before === undefined ? [] : listsOf(before).map((one) => [nameOf(one), one]),
  );
  for (const one of listsOf(delivery)) {
    if (!listed.delete(nameOf(one))) view.set(one, one.value);
  }
  for (const key of listed.values()) view.delete(key);
  tellMessage(view, delivery);
}

function nameOf({ partition, sort }: StateKey<unknown>): string {
  return `${partition}\n${sort}`;
}

/** The lists that a delivery is in besides that of all. */
function listsOf(delivery: DeliveryDocument): (StateKey<unknown> & { readonly value: unknown })[] {
  const { id, channel, connection, messageOffset, isOpen } = delivery;
  const platform = platformOf(channel);
  const place = { channel, id };
  const lists: (StateKey<unknown> & { readonly value: unknown })[] = [];
  if (isOpen && connection !== null) {
    lists.push({ ...openDeliveryKey(platform, connection, messageOffset, id), value: place });
  }
  if (isProblem(delivery)) lists.push({ ...problemDeliveryKey(platform, id), value: channel });
  const fallbackAt = pendingFallback(delivery);
  if (fallbackAt !== null) lists.push({ ...fallbackKey(fallbackAt, id), value: place });
  return lists;
}

/** Failed, or a person has to decide: a dead letter. */
function isProblem({ status, isOpen }: DeliveryDocument): boolean {
  return status === "failed" || (status === "unconfirmed" && !isOpen);
}

/** When another connection stands in, if it does: at once for what has failed, never where the person has said no. */
function pendingFallback(delivery: DeliveryDocument): number | null {
  const { status, fallback, statusAt, error } = delivery;
  if (fallback === null) return null;
  if (status === "delivered" || status === "read" || status === "canceled") return null;
  if (status === "failed" && error !== null && SAID_NO.has(error.class)) return null;
  return status === "failed" ? Math.min(fallback.at, statusAt) : fallback.at;
}

/** What was sent decides where the answer belongs, and can be found by what the network calls it. */
function sent(view: StateView, entry: FoldEntry, delivery: DeliveryDocument): void {
  const { id, channel, message, connection, participant, externalIds, from, action } = delivery;
  if (connection === null) return;
  const platform = platformOf(channel);
  for (const externalId of externalIds) {
    view.set(externalKey(platform, connection, externalId), { channel, message, delivery: id });
  }
  if (action !== "send" || delivery.isTest === true) return;
  for (const own of from === null ? [null] : [null, from]) {
    const key = exchangeKey(platform, connection, participant, own);
    const inboundAt = view.get(key)?.inboundAt ?? null;
    view.set(key, { channel, outboundAt: entry.at, inboundAt });
  }
}

/** Some networks say only with the receipt through which of their senders it went: the answer to that one belongs there, too. */
function sentThrough(view: StateView, delivery: DeliveryDocument, own: string): void {
  const { channel, connection, participant, action, createdAt } = delivery;
  if (connection === null || action !== "send" || delivery.isTest === true) return;
  const key = exchangeKey(platformOf(channel), connection, participant, own);
  const known = view.get(key);
  if (known !== undefined && (known.outboundAt ?? 0) > createdAt) return;
  view.set(key, { channel, outboundAt: createdAt, inboundAt: known?.inboundAt ?? null });
}

/** Whoever reads the message sees how far it has come. */
function tellMessage(view: StateView, delivery: DeliveryDocument): void {
  if (delivery.action !== "send") return;
  const key = messageKey(delivery.channel, delivery.message);
  const message = view.get(key);
  if (message === undefined) return;
  const { id, participant, network, connection, status, error } = delivery;
  const told: MessageDelivery = { id, participant, network, connection, status, error };
  const { deliveries = [] } = message;
  const isKnown = deliveries.some((one) => one.id === id);
  if (!isKnown && deliveries.length >= NAMED) return;
  view.set(key, {
    ...message,
    deliveries: isKnown
      ? deliveries.map((one) => (one.id === id ? told : one))
      : [...deliveries, told],
  });
}
