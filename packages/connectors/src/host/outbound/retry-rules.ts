import type { DeliveryErrorClass } from "@anywire/types";
import type { Rejected } from "../../contract/send.ts";

/** What to do about a class of trouble. */
export interface RetryRule {
  /** Whether another attempt may help. */
  readonly retry: boolean;
  /** Whom it strikes: this message, all to this address, or all through the connection. */
  readonly scope: "message" | "address" | "connection";
  /** Whether it uses up one of the delivery's attempts. */
  readonly countsAsAttempt: boolean;
}

const over = (scope: RetryRule["scope"]): RetryRule => ({
  retry: false,
  scope,
  countsAsAttempt: true,
});
const again = (scope: RetryRule["scope"], countsAsAttempt: boolean): RetryRule => ({
  retry: true,
  scope,
  countsAsAttempt,
});

/** By the class that a network rejects with. Only what surely did not go out comes by here. */
export const RETRY_RULES: Readonly<Record<DeliveryErrorClass, RetryRule>> = {
  consent: over("address"),
  window_closed: over("address"),
  template_needed: over("message"),
  human_action_required: over("message"),
  bulk_refused: over("message"),
  no_address: over("address"),
  no_connection: over("connection"),
  expired: over("message"),
  invalid_recipient: over("address"),
  unreachable: again("address", true),
  opted_out: over("address"),
  content_rejected: over("message"),
  too_large: over("message"),
  unsupported: over("message"),
  // Waiting for the network's permission is no attempt.
  rate_limited: again("connection", false),
  quota_exhausted: again("connection", false),
  auth: again("connection", false),
  payment: again("connection", false),
  spam_blocked: over("message"),
  network: again("connection", true),
  unknown: again("message", true),
};

/** Classes that say that the connection itself does not work. */
export const BREAKING: ReadonlySet<DeliveryErrorClass> = new Set(["auth", "payment", "network"]);

/** Classes with which the network answered, but says nothing of whether it would take another message. */
export const NEUTRAL: ReadonlySet<DeliveryErrorClass> = new Set([
  "rate_limited",
  "quota_exhausted",
]);

/** How long to wait before another attempt, ms: twice as long each time, or as long as the network asks for. */
export function backoffMs(
  attempt: number,
  { retryAfterMs }: Pick<Rejected, "retryAfterMs">,
  { minBackoffMs, maxBackoffMs }: { readonly minBackoffMs: number; readonly maxBackoffMs: number },
): number {
  if (retryAfterMs !== undefined) return Math.max(1, Math.ceil(retryAfterMs));
  // Beyond 30 doublings it is the longest wait anyway.
  const doublings = Math.min(Math.max(attempt - 1, 0), 30);
  return Math.max(1, Math.min(minBackoffMs * 2 ** doublings, maxBackoffMs));
}
