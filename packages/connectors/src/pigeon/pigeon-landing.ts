import { z } from "zod";
import type { InboundEvent } from "../contract/inbound-event.ts";
import { jsonBody } from "../wire/json-body.ts";

const id = z.string().min(1).max(64);
const at = z.int().min(0);

/** What the keeper of the loft tells: a pigeon came here, or one of ours has landed there, or has not. */
const landingSchema = z.discriminatedUnion("landed", [
  z.object({
    landed: z.literal("here"),
    at,
    flight: id,
    loft: z.string().regex(/^[a-z0-9-]{1,64}$/),
    scroll: z.string().min(1).max(256),
  }),
  z.object({ landed: z.enum(["there", "nowhere"]), at, flight: id, ring: id }),
]);

/** What a landing tells. @throws {Error} when it is none */
export function toEvents(body: Uint8Array): readonly InboundEvent[] {
  const landing = landingSchema.parse(jsonBody(body));
  if (landing.landed === "here") {
    const sender = { addresses: [`pigeon:${landing.loft}`] };
    const { at, flight, scroll } = landing;
    return [{ type: "message", at, externalId: flight, sender, text: scroll }];
  }
  const { at, flight, ring } = landing;
  const receipt = { type: "receipt", at, externalId: flight, deliveryId: ring } as const;
  if (landing.landed === "there") return [{ ...receipt, status: "delivered" }];
  const error = { class: "unreachable", reason: "the pigeon was lost; send another" } as const;
  return [{ ...receipt, status: "failed", error }];
}
