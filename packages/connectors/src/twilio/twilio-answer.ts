import type { WebhookAnswer } from "../contract/webhook.ts";

/** TwiML that says nothing: anything else would be sent as a reply. */
export const TWILIO_ANSWER: WebhookAnswer = {
  status: 200,
  headers: { "content-type": "text/xml" },
  body: '<?xml version="1.0" encoding="UTF-8"?><Response/>',
};
