import type { Policy } from "../contract/policy.ts";

/** How long after a person's last message one may write freely, ms. */
export const WHATSAPP_WINDOW_MS = 24 * 60 * 60 * 1000;

/**
 * What WhatsApp demands, whoever carries it there.
 * @see https://business.whatsapp.com/policy
 */
export const WHATSAPP_POLICY: Policy = {
  replyWindowMs: WHATSAPP_WINDOW_MS,
  templatesOutside: true,
  bulkAllowed: true,
  // Not those of SMS: people answer "yes", "end" and "info" to each other here.
  keywords: { out: ["stop", "stopall", "unsubscribe", "optout"], in: ["start"], help: ["help"] },
  notes:
    "Within 24 hours of the person's last message anything may be said, after that an approved template only. People must have agreed to be written to. A new business may begin 250 conversations a day. https://business.whatsapp.com/policy",
};
