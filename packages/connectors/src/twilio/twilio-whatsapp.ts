import { canonicalAddress } from "@anywire/core";
import type { HealthConnector, MediaConnector } from "../contract/abilities.ts";
import type { Connector } from "../contract/connector.ts";
import type { SendContent } from "../contract/send.ts";
import { WHATSAPP_POLICY } from "../whatsapp/whatsapp-policy.ts";
import { TWILIO_ANSWER } from "./twilio-answer.ts";
import { twilioHealth } from "./twilio-health.ts";
import { fetchTwilioMedia } from "./twilio-media.ts";
import { parseTwilio } from "./twilio-parse.ts";
import { mediaUrlsOf, sendTwilio, type TwilioMessage } from "./twilio-send.ts";
import {
  TWILIO_SECRETS,
  type TwilioWhatsappSettings,
  twilioWhatsappSettingsSchema,
} from "./twilio-settings.ts";
import { verifyTwilio } from "./twilio-signature.ts";

const MEDIA_BYTES = 16 * 1024 * 1024;
const PREFIX = "whatsapp:";

/**
 * WhatsApp over Twilio.
 * @see https://www.twilio.com/docs/whatsapp/api
 */
export const twilioWhatsapp: Connector<TwilioWhatsappSettings> & HealthConnector & MediaConnector =
  {
    id: "twilio-whatsapp",
    version: "1.0.0",
    displayName: "WhatsApp over Twilio",
    network: "whatsapp",
    channelType: {
      name: "whatsapp",
      identity: "participants",
      network: "whatsapp",
      description: "WhatsApp with one contact.",
    },
    configSchema: twilioWhatsappSettingsSchema,
    secrets: TWILIO_SECRETS,
    freeSettings: ["from", "messagingServiceSid", "validityPeriodSeconds"],
    addressKinds: ["whatsapp"],
    // Meta's own ids for its users mean nothing to Twilio.
    reaches: (address) => /^whatsapp:\+\d+$/.test(address),
    alsoReaches: { phone: "whatsapp" },
    policy: WHATSAPP_POLICY,
    limits: [
      { scope: "sender", rate: 80, perMs: 1000, burst: 80, unit: "message" },
      // Bursts to one person are borrowed from what may follow.
      { scope: "recipient", rate: 1, perMs: 6000, burst: 45, unit: "message" },
    ],
    capabilities: () => {
      const media = { level: "full", maxBytes: MEDIA_BYTES, needsPublicUrl: true } as const;
      return {
        text: { maxLength: 1600, formatting: "full" },
        media: { image: media, audio: media, video: media, file: media },
        maxMedia: 1,
        location: "full",
        card: "fallback",
        template: "full",
        reply: "dropped",
        receipts: { sent: true, delivered: true, read: true },
        canStart: true,
        idempotency: "none",
      };
    },
    verify: (request, { secrets }) => verifyTwilio(request, secrets["authToken"] ?? []),
    parse: async (request, context) =>
      parseTwilio(request, context, { prefix: PREFIX, addressesOf }),
    send: (job, context) =>
      sendTwilio(job, context, { prefix: PREFIX, content: ({ content }) => contentOf(content) }),
    answer: TWILIO_ANSWER,
    health: twilioHealth,
    fetchMedia: fetchTwilioMedia,
    simulator: async () => (await import("./twilio-simulator.ts")).createTwilioWhatsappSimulator,
    fixtures: async () => (await import("./twilio-whatsapp-fixtures.ts")).TWILIO_WHATSAPP_FIXTURES,
  };

/** The person's number is their name there, and a number that can be called. */
function addressesOf(number: string): readonly string[] {
  const address = canonicalAddress(PREFIX + number);
  const value = address.slice(PREFIX.length);
  return value.startsWith("+") ? [address, `phone:${value}`] : [address];
}

function contentOf(content: SendContent): Partial<TwilioMessage> {
  const { template, location, text } = content;
  if (template !== undefined) {
    const variables = template.variables.map((value, index) => [String(index + 1), value] as const);
    return {
      contentSid: template.name,
      ...(variables.length === 0
        ? {}
        : { contentVariables: JSON.stringify(Object.fromEntries(variables)) }),
    };
  }
  const mediaUrl = mediaUrlsOf(content);
  const place = location === undefined ? undefined : placeOf(location);
  // A location goes with a text only.
  const body = text === "" && place !== undefined ? (location?.label ?? "Location") : text;
  return {
    ...(body === "" ? {} : { body }),
    ...(mediaUrl.length === 0 ? {} : { mediaUrl }),
    ...(place === undefined ? {} : { persistentAction: [place] }),
  };
}

/** Such as `geo:51.5,-0.12|London`. */
function placeOf({ latitude, longitude, label }: NonNullable<SendContent["location"]>): string {
  return `geo:${latitude},${longitude}${label === undefined ? "" : `|${label.replaceAll("|", " ")}`}`;
}
