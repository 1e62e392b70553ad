import type { HandsetFaultKind, HandsetFaultRequest } from "@anywire/types";

/** Something that can go wrong, as one would say it. */
export interface FaultText {
  readonly kind: HandsetFaultKind;
  readonly title: string;
  readonly about: string;
}

/** What can go wrong when the product sends. */
export const SEND_FAULTS: readonly FaultText[] = [
  { kind: "rate_limit", title: "Too many requests", about: "429: wait 2 seconds, then try again." },
  { kind: "server_error", title: "The network is broken", about: "500: nothing is taken." },
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
    about: "HTML with status 200: nothing is taken.",
  },
  {
    kind: "fail_later",
    title: "Taken, then not delivered",
    about: "The receipt says that it failed.",
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

/** The fault as the server is asked for it. */
export function faultRequest(kind: HandsetFaultKind, times: number): HandsetFaultRequest {
  if (kind === "rate_limit") return { kind, retryAfterMs: 2000, times };
  if (kind === "late_webhook") return { kind, delayMs: 10_000, times };
  return { kind, times };
}
