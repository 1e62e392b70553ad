import { type DeliveryEntry, type DeliveryError, priceSchema } from "@anywire/types";
import type { Accepted, Rejected } from "../../contract/send.ts";

const MAX_EXTERNAL_IDS = 32;
const MAX_EXTERNAL_ID = 512;
const MAX_REASON = 512;
const MAX_CODE = 64;
const MAX_FROM = 300;

/** The step for what a network took. What does not fit into an entry is cut or left out: that it was taken must be recorded. */
export function sentStep(
  id: string,
  { externalIds, from, segments, price }: Accepted,
  warnings: readonly string[],
): Extract<DeliveryEntry, { step: "sent" }> {
  const named = externalIds.filter(({ length }) => length > 0 && length <= MAX_EXTERNAL_ID);
  const hasSegments = segments !== undefined && Number.isSafeInteger(segments) && segments > 0;
  return {
    step: "sent",
    id,
    externalIds: named.slice(0, MAX_EXTERNAL_IDS),
    ...(from === undefined ? {} : { from: from.slice(0, MAX_FROM) }),
    ...(hasSegments ? { segments } : {}),
    ...(priceSchema.safeParse(price).success && price !== undefined ? { price } : {}),
    ...(warnings.length === 0 ? {} : { warnings: [...warnings] }),
  };
}

/** The error of what a network rejected, as an entry can hold it. */
export function errorOf({ class: kind, code, reason }: Omit<Rejected, "outcome">): DeliveryError {
  return {
    class: kind,
    reason: cutReason(reason),
    ...(code === undefined ? {} : { code: code.slice(0, MAX_CODE) }),
  };
}

/** A reason as an entry can hold it. */
export function cutReason(reason: string): string {
  return reason.length > MAX_REASON ? `${reason.slice(0, MAX_REASON - 1)}…` : reason;
}
