import type { HandsetFaultKind, HandsetFaultRequest, HandsetNetwork } from "@anywire/types";

/** Something that can go wrong, as one would say it. */
export interface FaultText {
  readonly kind: HandsetFaultKind;
  readonly title: string;
  readonly about: string;
}

/** What can go wrong when the product sends. */
export const SEND_FAULTS: readonly FaultText[] = [
  { kind: "rate_limit", title: "Too many requests", about: "Refused: try again in 2 seconds." },
  { kind: "server_error", title: "The network is broken", about: "An error; nothing is taken." },
  {
    kind: "accept_then_hang",
    title: "Taken, but no answer",
    about: "The message arrives; the server never hears of it.",
  },
  {
    kind: "accept_then_close",
    title: "Taken, but cut off",
    about: "The connection breaks in the middle of the answer.",
  },
  {
    kind: "html",
    title: "A page instead of an answer",
    about: "A page of HTML; nothing is taken.",
  },
  {
    kind: "fail_later",
    title: "Taken, then not delivered",
    about: "The network says afterwards that it failed.",
  },
];

/** What can go wrong when the network calls the product: messages of persons, and receipts. */
export const CALL_FAULTS: readonly FaultText[] = [
  { kind: "drop_webhook", title: "Lost", about: "The call is never made." },
  { kind: "duplicate_webhook", title: "Twice", about: "The same call is made two times." },
  { kind: "late_webhook", title: "Late", about: "The call comes 10 seconds later." },
  {
    kind: "reorder_webhook",
    title: "Wrong order",
    about: "The call comes after the one behind it.",
  },
];

/** Those of them that a network has. */
export function faultsOf(
  { faults }: Pick<HandsetNetwork, "faults">,
  all: readonly FaultText[],
): readonly FaultText[] {
  return all.filter(({ kind }) => faults.includes(kind));
}

/** The fault as the server is asked for it. */
export function faultRequest(kind: HandsetFaultKind, times: number): HandsetFaultRequest {
  if (kind === "rate_limit") return { kind, retryAfterMs: 2000, times };
  if (kind === "late_webhook") return { kind, delayMs: 10_000, times };
  return { kind, times };
}
