import type { DeliveryStatus, MessageDelivery } from "@anywire/types";
import { networkName } from "../networks/network-names.ts";

/** How a message fares on its way to those outside. */
export interface DeliveriesSummary {
  /** As with the one whom it reached the least. */
  readonly status: DeliveryStatus;
  readonly label: string;
  /** What needs a decision: it did not arrive, or nobody knows. */
  readonly problems: readonly MessageDelivery[];
}

/** What is told of a message. */
interface Told {
  readonly deliveries?: readonly MessageDelivery[] | undefined;
}

/** From the worst to the best. */
const ORDER: readonly DeliveryStatus[] = [
  "canceled",
  "failed",
  "unconfirmed",
  "queued",
  "sending",
  "sent",
  "delivered",
  "read",
];

const ARRIVING: ReadonlySet<DeliveryStatus> = new Set(["queued", "sending", "sent", "delivered"]);

const LABELS: Readonly<Record<DeliveryStatus, string>> = {
  canceled: "Called back",
  failed: "Not delivered",
  unconfirmed: "Not confirmed",
  queued: "Waiting",
  sending: "Sending",
  sent: "Sent",
  delivered: "Delivered",
  read: "Read",
};

/** How a message fares; undefined where it stays in the app. Of several ways to one person the best counts. */
export function describeDeliveries(
  deliveries: readonly MessageDelivery[] = [],
): DeliveriesSummary | undefined {
  const byPerson = new Map<string, MessageDelivery>();
  for (const one of deliveries) {
    const best = byPerson.get(one.participant);
    if (best === undefined || rank(one) >= rank(best)) byPerson.set(one.participant, one);
  }
  const best = [...byPerson.values()];
  const [worst] = best.toSorted((a, b) => rank(a) - rank(b));
  if (worst === undefined) return undefined;
  const { status } = worst;
  const problems = best.filter((one) => one.status === "failed" || one.status === "unconfirmed");
  const label = `${LABELS[status]}${viaText(best)}${waitText(best, status)}`;
  return { status, label, problems };
}

/** Whether a message that went out got less far than another one, or waits for a reason of its own, though nothing is wrong with it. */
export function gotLessFar(one: Told | undefined, other: Told | undefined): boolean {
  const [mine, theirs] = [
    describeDeliveries(one?.deliveries),
    describeDeliveries(other?.deliveries),
  ];
  if (mine === undefined || theirs === undefined) return false;
  const waitsForItself =
    mine.status === "queued" && theirs.status === "queued" && mine.label !== theirs.label;
  const isLess = ORDER.indexOf(mine.status) < ORDER.indexOf(theirs.status);
  return waitsForItself || (ARRIVING.has(mine.status) && isLess);
}

/** Why something needs a decision, as a sentence. */
export function problemText({ status, network, error }: MessageDelivery): string {
  const name = networkName(network);
  const what =
    status === "failed" ? `Not delivered by ${name}` : `Nobody knows whether ${name} delivered it`;
  return `${what}: ${(error?.reason ?? "no reason was given").replace(/\.$/, "")}.`;
}

/** Why it waits, where that was told. */
function waitText(best: readonly MessageDelivery[], status: DeliveryStatus): string {
  if (status !== "queued") return "";
  const reason = best.find((one) => one.status === "queued" && one.error !== null)?.error?.reason;
  return reason === undefined ? "" : `: ${reason.replace(/\.$/, "")}`;
}

/** How many there are, where there are several. */
function viaText(best: readonly MessageDelivery[]): string {
  if (best.length === 1) return "";
  const arrived = best.filter(({ status }) => status === "delivered" || status === "read").length;
  return `, ${arrived} of ${best.length} delivered`;
}

function rank({ status }: MessageDelivery): number {
  return ORDER.indexOf(status);
}
