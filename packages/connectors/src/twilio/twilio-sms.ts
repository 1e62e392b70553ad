import type {
  EstimatingConnector,
  HealthConnector,
  MediaConnector,
} from "../contract/abilities.ts";
import type { Connector } from "../contract/connector.ts";
import type { ConnectionContext } from "../contract/context.ts";
import { SMS_KEYWORDS } from "../contract/policy.ts";
import { estimateSms } from "./sms-segments.ts";
import { TWILIO_ANSWER } from "./twilio-answer.ts";
import { twilioHealth } from "./twilio-health.ts";
import { fetchTwilioMedia } from "./twilio-media.ts";
import { parseTwilio, smsAddress } from "./twilio-parse.ts";
import { mediaUrlsOf, sendTwilio } from "./twilio-send.ts";
import {
  TWILIO_SECRETS,
  type TwilioSmsSettings,
  twilioSmsSettingsSchema,
} from "./twilio-settings.ts";
import { verifyTwilio } from "./twilio-signature.ts";

type Context = ConnectionContext<TwilioSmsSettings>;

const MMS_BYTES = 5 * 1024 * 1024;

/**
 * SMS and MMS over Twilio.
 * @see https://www.twilio.com/docs/messaging/api/message-resource
 */
export const twilioSms: Connector<TwilioSmsSettings> &
  EstimatingConnector &
  HealthConnector &
  MediaConnector = {
  id: "twilio-sms",
  version: "1.0.0",
  displayName: "Twilio SMS",
  network: "sms",
  channelType: {
    name: "sms",
    identity: "participants",
    network: "sms",
    description: "Text messages with one contact.",
  },
  configSchema: twilioSmsSettingsSchema,
  secrets: TWILIO_SECRETS,
  freeSettings: [
    "from",
    "messagingServiceSid",
    "sendsMedia",
    "smartEncoded",
    "validityPeriodSeconds",
  ],
  // Short codes and names write to people; Twilio says of each whether it can be answered.
  addressKinds: ["phone", "sms_sender"],
  policy: {
    bulkAllowed: true,
    keywords: SMS_KEYWORDS,
    notes:
      "Carriers demand that people agreed to be written to, and that STOP is obeyed; Twilio blocks what goes out after it (21610). In the USA a number must be registered (A2P 10DLC, or toll-free verification). https://www.twilio.com/en-us/legal/messaging-policy",
  },
  limits: [
    // What a long code of the USA may send; the rest would wait in Twilio's queue, where nobody can call it back. The burst is for conversations.
    { scope: "sender", rate: 1, perMs: 1000, burst: 30, unit: "segment" },
    { scope: "connection", rate: 100, perMs: 1000, burst: 100, unit: "message" },
  ],
  capabilities: ({ settings }) => ({
    text: { maxLength: 1600, formatting: "dropped" },
    media: mediaOf(settings),
    maxMedia: 10,
    location: "fallback",
    card: "fallback",
    template: "rejected",
    reply: "dropped",
    receipts: { sent: true, delivered: true, read: false },
    canStart: true,
    idempotency: "none",
  }),
  verify: (request, { secrets }) => verifyTwilio(request, secrets["authToken"] ?? []),
  parse: async (request, context) =>
    parseTwilio(request, context, { prefix: "", addressesOf: (number) => [smsAddress(number)] }),
  send: (job, context) =>
    sendTwilio(job, context, {
      prefix: "",
      content: ({ content }) => {
        const mediaUrl = mediaUrlsOf(content);
        return {
          ...(content.text === "" ? {} : { body: content.text }),
          ...(mediaUrl.length === 0 ? {} : { mediaUrl }),
        };
      },
    }),
  answer: TWILIO_ANSWER,
  estimate: ({ content }, { settings }: Context) =>
    estimateSms(content.text, settings.smartEncoded),
  health: twilioHealth,
  fetchMedia: fetchTwilioMedia,
  simulator: async () => (await import("./twilio-simulator.ts")).createTwilioSmsSimulator,
  fixtures: async () => (await import("./twilio-sms-fixtures.ts")).TWILIO_SMS_FIXTURES,
};

function mediaOf({ sendsMedia }: Context["settings"]) {
  if (!sendsMedia) {
    const link = { level: "fallback" } as const;
    return { image: link, audio: link, video: link, file: link };
  }
  // Carriers make pictures smaller; of other kinds many phones show nothing.
  const partial = { level: "partial", maxBytes: MMS_BYTES, needsPublicUrl: true } as const;
  const mimeTypes = ["image/jpeg", "image/png", "image/gif"];
  return { image: { ...partial, mimeTypes }, audio: partial, video: partial, file: partial };
}
