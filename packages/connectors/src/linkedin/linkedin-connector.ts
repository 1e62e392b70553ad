import type { HandshakingConnector, HealthConnector } from "../contract/abilities.ts";
import type { Connector } from "../contract/connector.ts";
import { callNetwork } from "../wire/network-call.ts";
import { parseLinkedin } from "./linkedin-parse.ts";
import { headersOf, MAX_TEXT, sendToLinkedin } from "./linkedin-send.ts";
import {
  type LinkedinContext,
  type LinkedinSettings,
  linkedinSettingsSchema,
} from "./linkedin-settings.ts";
import { answerChallenge, verifyLinkedin } from "./linkedin-signature.ts";

/** Messages between members of LinkedIn, for apps that LinkedIn has approved. */
export const linkedin: Connector<LinkedinSettings> & HandshakingConnector & HealthConnector = {
  id: "linkedin",
  version: "1.0.0",
  displayName: "LinkedIn",
  network: "linkedin",
  channelType: {
    name: "linkedin",
    identity: "participants",
    network: "linkedin",
    description: "Messages on LinkedIn.",
  },
  configSchema: linkedinSettingsSchema,
  secrets: [
    {
      name: "accessToken",
      description: "The member's OAuth 2.0 token, with the permission to write messages.",
      isRequired: true,
    },
    {
      name: "clientSecret",
      description: "The app's client secret, in the developer portal under Auth.",
      isRequired: true,
    },
  ],
  freeSettings: ["memberId", "apiVersion"],
  addressKinds: ["linkedin"],
  policy: {
    humanActionRequired: true,
    bulkAllowed: false,
    notes:
      "LinkedIn's Messages API is for approved partners. Each message must follow an action of the member at that time, who has seen it and could change it; nothing automatic, nothing scheduled, no rewards for it. Only first-degree connections. https://learn.microsoft.com/en-us/linkedin/shared/integrations/communications/messages",
  },
  limits: [{ scope: "connection", rate: 1, perMs: 1000, burst: 5, unit: "message" }],
  capabilities: () => ({
    text: { maxLength: MAX_TEXT, formatting: "dropped" },
    media: {
      image: { level: "fallback" },
      audio: { level: "fallback" },
      video: { level: "fallback" },
      file: { level: "fallback" },
    },
    location: "fallback",
    card: "fallback",
    reply: "dropped",
    // They tell the thread.
    references: true,
    receipts: { sent: false, delivered: false, read: false },
    canStart: true,
    idempotency: "none",
  }),
  handshake: (request, context) => answerChallenge(request, context as LinkedinContext),
  verify: verifyLinkedin,
  parse: async (request, context) => parseLinkedin(request, context.now()),
  send: sendToLinkedin,
  async health(context, signal) {
    const { settings } = context as LinkedinContext;
    const answer = await callNetwork({
      url: `${settings.baseUrl.replace(/\/+$/, "")}/v2/me`,
      method: "GET",
      headers: headersOf(context as LinkedinContext),
      signal,
    });
    if (answer.kind !== "answered" || answer.status >= 500) {
      return { state: "down", reason: "LinkedIn can't be reached.", humanAction: "none" };
    }
    // A page of somebody in between comes with the same status.
    const isMember = answer.status === 200 && answer.text.trimStart().startsWith("{");
    if (isMember) return { state: "ok", reason: null, humanAction: "none" };
    return answer.status === 401
      ? { state: "down", reason: "The access token holds no longer.", humanAction: "relogin" }
      : {
          state: "degraded",
          reason: `LinkedIn answered ${answer.status} to who the member is.`,
          humanAction: "verify",
        };
  },
  simulator: async () => (await import("./linkedin-simulator.ts")).createLinkedinSimulator,
  fixtures: async () => (await import("./linkedin-fixtures.ts")).linkedinFixtures,
};
