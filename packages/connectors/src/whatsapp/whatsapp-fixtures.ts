import type { Fixture } from "../contract/fixture.ts";
import { RECORDED_EVENTS } from "./whatsapp-event-fixtures.ts";
import { RECORDED_MESSAGES } from "./whatsapp-message-fixtures.ts";
import { RECORDED_AT } from "./whatsapp-recorded.ts";

/** Requests of Meta, as it makes them. */
export const WHATSAPP_FIXTURES: readonly Fixture[] = [...RECORDED_MESSAGES, ...RECORDED_EVENTS].map(
  ({ name, signature, body, events }) => ({
    name,
    settings: { phoneNumberId: "106540352242922" },
    secrets: {
      accessToken: "EAAfixture",
      appSecret: "4pp53cr3t4pp53cr3t4pp53cr3t40000",
      verifyToken: "fixture-token",
    },
    now: RECORDED_AT,
    request: {
      method: "POST",
      url: "https://hooks.example.org/v1/webhooks/wa-main",
      headers: { "content-type": "application/json", "x-hub-signature-256": signature },
      body,
    },
    events,
  }),
);
