import type { DeliveryStatus, Entry, EntryData, MessageDelivery } from "@anywire/types";
import type { TimelineMessage } from "./timeline-message.ts";

type Step = EntryData<"delivery">;
type Plan = Extract<Step, { step: "queued" | "refused" }>;
type LaterStep = Exclude<Step, Plan>;

/** Deliveries that a message tells of. */
const NAMED = 20;

/** From which statuses a step leads, and where to: what comes late or twice finds another status, and changes nothing. */
const MOVES: Readonly<Record<LaterStep["step"], readonly [DeliveryStatus, DeliveryStatus[]]>> = {
  sending: ["sending", ["queued"]],
  sent: ["sent", ["queued", "sending", "unconfirmed"]],
  postponed: ["queued", ["queued", "sending", "unconfirmed"]],
  unconfirmed: ["unconfirmed", ["sending", "unconfirmed"]],
  delivered: ["delivered", ["queued", "sending", "unconfirmed", "sent", "failed", "canceled"]],
  read: ["read", ["queued", "sending", "unconfirmed", "sent", "delivered", "failed", "canceled"]],
  failed: ["failed", ["queued", "sending", "unconfirmed", "sent"]],
  retried: ["queued", ["failed", "unconfirmed"]],
  canceled: ["canceled", ["queued"]],
};

/**
 * The message that a step of a delivery is about. Its first step names it; later ones only the delivery, which the message tells
 * of then. A message that tells of many names no more than the first 20: what becomes of the others does not show.
 */
export function messageOfDelivery(
  messages: readonly TimelineMessage[],
  { data }: Entry,
): TimelineMessage | undefined {
  const step = data as Step;
  if (isPlan(step)) {
    // What was done to the message afterwards, such as an edit, is no way on which it came.
    return step.action === "send" ? messages.find(({ id }) => id === step.message) : undefined;
  }
  // The newest ones move most.
  return messages.findLast(({ deliveries }) => deliveries?.some(({ id }) => id === step.id));
}

/**
 * A message's deliveries after a step of one of them: as the server counts, so what comes late or twice takes nothing back.
 * Undefined when only the server can tell.
 */
export function delivered(
  deliveries: readonly MessageDelivery[],
  { data }: Entry,
): readonly MessageDelivery[] | undefined {
  const step = data as Step;
  if (isPlan(step)) return planned(deliveries, step);
  const known = deliveries.find(({ id }) => id === step.id);
  if (known === undefined) return deliveries;
  const next = after(known, step);
  if (next === undefined) return undefined;
  return next === known ? deliveries : deliveries.map((one) => (one === known ? next : one));
}

function isPlan(step: Step): step is Plan {
  return step.step === "queued" || step.step === "refused";
}

function planned(deliveries: readonly MessageDelivery[], plan: Plan): readonly MessageDelivery[] {
  const { id, participant, network, connection, fallbackOf } = plan;
  if (deliveries.some((one) => one.id === id)) return deliveries;
  // What waits still is called back, so that it does not go out both ways.
  const others = deliveries.map((one) =>
    one.id === fallbackOf && one.status === "queued"
      ? { ...one, status: "canceled" as const, error: null }
      : one,
  );
  if (others.length >= NAMED) return others;
  const isRefused = plan.step === "refused";
  const status = isRefused ? "failed" : "queued";
  const error = isRefused ? plan.error : null;
  return [...others, { id, participant, network, connection, status, error }];
}

function after(known: MessageDelivery, step: LaterStep): MessageDelivery | undefined {
  const [to, from] = MOVES[step.step];
  if (!from.includes(known.status)) return known;
  // Whether it was still being asked about, only the server knows.
  if (step.step === "postponed" && known.status === "unconfirmed") return undefined;
  return { ...known, status: to, error: errorOf(step) };
}

function errorOf(step: LaterStep): MessageDelivery["error"] {
  if (step.step === "unconfirmed") return { class: "unknown", reason: step.reason };
  return "error" in step ? step.error : null;
}
