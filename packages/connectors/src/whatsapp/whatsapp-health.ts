import type { ConnectionHealth } from "@anywire/types";
import { z } from "zod";
import type { ConnectionContext } from "../contract/context.ts";
import { callWhatsapp, errorCodeOf, parsed } from "./whatsapp-call.ts";
import { whatsappError } from "./whatsapp-errors.ts";
import type { WhatsappSettings } from "./whatsapp-settings.ts";

type Health = Pick<ConnectionHealth, "state" | "reason" | "humanAction">;

const numberSchema = z.looseObject({
  id: z.string(),
  quality_rating: z.string().optional().catch(undefined),
  status: z.string().optional().catch(undefined),
});

const ACTION_BY_CLASS: Readonly<Record<string, Health["humanAction"]>> = {
  auth: "relogin",
  payment: "pay",
};

/** Asks Meta for the business number. */
export async function whatsappHealth(
  context: ConnectionContext<WhatsappSettings>,
  signal: AbortSignal,
): Promise<Health> {
  const path = `${context.settings.phoneNumberId}?fields=id,status,quality_rating`;
  const result = await callWhatsapp(context, path, signal);
  if (result.kind !== "answered") {
    return { state: "down", reason: "Meta can't be reached", humanAction: "none" };
  }
  const number = numberSchema.safeParse(parsed(result.text));
  if (result.status < 300 && number.success) return healthOf(number.data);
  const { class: errorClass, reason } = whatsappError(errorCodeOf(result), result.status);
  const humanAction = ACTION_BY_CLASS[errorClass] ?? "none";
  return { state: humanAction === "none" ? "degraded" : "down", reason, humanAction };
}

function healthOf({
  status = "CONNECTED",
  quality_rating: quality,
}: z.infer<typeof numberSchema>): Health {
  if (status === "BANNED" || status === "RESTRICTED" || status === "DISCONNECTED") {
    const reason = `Meta says of the number: ${status}; see the WhatsApp Manager`;
    return { state: "down", reason, humanAction: "verify" };
  }
  if (status !== "CONNECTED" || quality === "RED") {
    const what = status === "CONNECTED" ? "its quality is low" : status.slice(0, 64);
    const reason = `Meta says of the number: ${what}; see the WhatsApp Manager`;
    return { state: "degraded", reason, humanAction: "none" };
  }
  return { state: "ok", reason: null, humanAction: "none" };
}
