import type {
  HandshakingConnector,
  HealthConnector,
  MediaConnector,
  ReactingConnector,
  ReadMarkingConnector,
  TypingConnector,
} from "../contract/abilities.ts";
import type { Connector } from "../contract/connector.ts";
import type { ConnectionContext } from "../contract/context.ts";
import { whatsappHealth } from "./whatsapp-health.ts";
import { fetchWhatsappMedia, WHATSAPP_MEDIA } from "./whatsapp-media.ts";
import { parseWhatsapp } from "./whatsapp-parse.ts";
import { WHATSAPP_POLICY } from "./whatsapp-policy.ts";
import { reactOnWhatsapp, sendWhatsapp, showOnWhatsapp } from "./whatsapp-send.ts";
import {
  WHATSAPP_SECRETS,
  type WhatsappSettings,
  whatsappSettingsSchema,
} from "./whatsapp-settings.ts";
import { answerChallenge, verifyWhatsapp } from "./whatsapp-signature.ts";

type Context = ConnectionContext<WhatsappSettings>;
type Abilities = HandshakingConnector &
  HealthConnector &
  MediaConnector &
  ReactingConnector &
  ReadMarkingConnector &
  TypingConnector;

/**
 * WhatsApp over Meta's own Cloud API.
 * @see https://developers.facebook.com/documentation/business-messaging/whatsapp
 */
export const whatsappCloud: Connector<WhatsappSettings> & Abilities = {
  id: "whatsapp-cloud",
  version: "1.0.0",
  displayName: "WhatsApp",
  network: "whatsapp",
  channelType: {
    name: "whatsapp",
    identity: "participants",
    network: "whatsapp",
    description: "WhatsApp with one contact.",
  },
  configSchema: whatsappSettingsSchema,
  secrets: WHATSAPP_SECRETS,
  freeSettings: ["phoneNumberId", "apiVersion"],
  addressKinds: ["whatsapp"],
  alsoReaches: { phone: "whatsapp" },
  policy: WHATSAPP_POLICY,
  limits: [
    { scope: "connection", rate: 80, perMs: 1000, burst: 80, unit: "message" },
    // One in six seconds to the same person; a burst of up to 45 is borrowed from what may follow.
    { scope: "recipient", rate: 1, perMs: 6000, burst: 45, unit: "message" },
  ],
  capabilities: () => {
    const { image, audio, video, file } = WHATSAPP_MEDIA;
    return {
      text: { maxLength: 4096, formatting: "full" },
      media: {
        image: { level: "full", ...image },
        audio: { level: "full", ...audio },
        video: { level: "full", ...video },
        file: { level: "full", ...file },
      },
      maxMedia: 10,
      location: "full",
      card: "fallback",
      template: "full",
      reply: "full",
      reactions: "any",
      receipts: { sent: true, delivered: true, read: true },
      typing: true,
      markRead: true,
      canStart: true,
      idempotency: "none",
    };
  },
  handshake: answerChallenge,
  verify: verifyWhatsapp,
  parse: async (request, context) => parseWhatsapp(request, context),
  send: sendWhatsapp,
  react: reactOnWhatsapp,
  async typing({ lastExternalId, signal }, context: Context) {
    // It is shown in answer to a message only.
    if (lastExternalId === undefined) return;
    await showOnWhatsapp({ messageId: lastExternalId, isTyping: true, signal }, context);
  },
  markRead: ({ externalId, signal }, context: Context) =>
    showOnWhatsapp({ messageId: externalId, isTyping: false, signal }, context),
  fetchMedia: fetchWhatsappMedia,
  health: whatsappHealth,
  simulator: async () => (await import("./whatsapp-simulator.ts")).createWhatsappSimulator,
  fixtures: async () => (await import("./whatsapp-fixtures.ts")).WHATSAPP_FIXTURES,
};
