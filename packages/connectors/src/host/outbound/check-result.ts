import { DELIVERY_ERRORS, type DeliveryAction, priceSchema } from "@anywire/types";
import { z } from "zod";
import type { SendResult } from "../../contract/send.ts";

/** The network is asked once a day at least. */
const LONGEST_WAIT_MS = 86_400_000;

// What says how it ended must be right; a fact beside it that is wrong is left out.
const resultSchema = z.discriminatedUnion("outcome", [
  z.object({
    outcome: z.literal("accepted"),
    externalIds: z.array(z.string().min(1)),
    from: z.string().optional().catch(undefined),
    segments: z.number().optional().catch(undefined),
    price: priceSchema.optional().catch(undefined),
  }),
  z.object({
    outcome: z.literal("rejected"),
    class: z.enum(DELIVERY_ERRORS),
    code: z.string().optional().catch(undefined),
    reason: z.string(),
    retryAfterMs: z.number().positive().optional().catch(undefined),
    suppressAddress: z.boolean().optional().catch(undefined),
  }),
  z.object({ outcome: z.literal("unknown"), reason: z.string() }),
]);

/**
 * What a connector said became of something, once it is sure to be an outcome that can be worked with and recorded. Anything else
 * tells nothing of what the network did: `unknown`, with words for whoever wrote the connector, which quote nothing.
 */
export function checkResult(connector: string, action: DeliveryAction, said: unknown): SendResult {
  const { data, error } = resultSchema.safeParse(said);
  if (data === undefined) return malformed(connector, error?.issues[0]?.path.join(".") ?? "");
  if (data.outcome === "accepted" && action === "send" && data.externalIds.length === 0) {
    return malformed(connector, "externalIds");
  }
  if (data.outcome !== "rejected" || data.retryAfterMs === undefined) return data as SendResult;
  return { ...data, retryAfterMs: Math.min(data.retryAfterMs, LONGEST_WAIT_MS) } as SendResult;
}

function malformed(connector: string, field: string): SendResult {
  const what = field === "" ? "it is no object" : `${field} is missing or wrong`;
  const reason = `connector ${connector} answered with no outcome: ${what}; correct the connector, and look at the network whether it arrived`;
  return { outcome: "unknown", reason };
}
