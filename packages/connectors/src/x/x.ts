import { z } from "zod";
import type {
  EstimatingConnector,
  HandshakingConnector,
  HealthConnector,
  MediaConnector,
} from "../contract/abilities.ts";
import type { Connector } from "../contract/connector.ts";
import type { ConnectionContext } from "../contract/context.ts";
import { whyNotAsked } from "../wire/never-left.ts";
import { callX } from "./x-api.ts";
import { fetchFromX } from "./x-media.ts";
import { parseX } from "./x-parse.ts";
import { X_PRICES } from "./x-price.ts";
import { IMAGE_TYPES, MAX_IMAGE_BYTES, MAX_TEXT, sendToX } from "./x-send.ts";
import { X_SECRETS, type XSettings, xSettingsSchema } from "./x-settings.ts";
import { answerChallenge, verifyX } from "./x-signature.ts";

const DAY_MS = 86_400_000;

const meSchema = z.object({ data: z.object({ id: z.string() }) });

/**
 * Direct messages of an account on X. A message whose answer was lost is not looked up: X carries nothing of ours with a message, and
 * a text alone may have been sent twice.
 * @see https://docs.x.com/x-api/direct-messages/manage/introduction
 */
export const x: Connector<XSettings> &
  HandshakingConnector &
  MediaConnector &
  EstimatingConnector &
  HealthConnector = {
  id: "x",
  version: "1.0.0",
  displayName: "X",
  network: "x",
  channelType: {
    name: "x",
    identity: "participants",
    network: "x",
    description: "Direct messages on X.",
  },
  configSchema: xSettingsSchema,
  secrets: X_SECRETS,
  freeSettings: ["accountId"],
  addressKinds: ["x"],
  policy: {
    bulkAllowed: false,
    keywords: {
      out: ["stop", "unsubscribe"],
      in: ["start"],
      help: ["help"],
    },
    notes:
      "No direct messages to many, none that nobody asked for, and whoever wants no more gets no more at once (https://help.x.com/en/rules-and-policies/x-automation).",
  },
  // Each account may send so many in a day; the bound of each quarter of an hour is the same in small.
  limits: [{ scope: "connection", rate: 1440, perMs: DAY_MS, burst: 15, unit: "message" }],
  capabilities: () => ({
    text: { maxLength: MAX_TEXT, formatting: "dropped" },
    media: { image: { level: "full", mimeTypes: IMAGE_TYPES, maxBytes: MAX_IMAGE_BYTES } },
    maxMedia: 1,
    receipts: { sent: false, delivered: false, read: true },
    canStart: true,
    idempotency: "none",
  }),
  handshake: (request, { secrets }) => answerChallenge(request, secrets["consumerSecret"] ?? []),
  verify: (request, { secrets }) => verifyX(request, secrets["consumerSecret"] ?? []),
  parse: async (request, context) => parseX(request, context),
  send: sendToX,
  fetchMedia: (media, context, signal) => fetchFromX(media, known(context), signal),
  estimate: () => ({
    segments: 1,
    price: { min: X_PRICES.messageSent, max: X_PRICES.messageSent },
  }),
  health: (context, signal) => healthOf(known(context), signal),
  simulator: async () => (await import("./x-simulator.ts")).createXSimulator,
  fixtures: async () => (await import("./x-fixtures.ts")).xFixtures,
};

/** The host gives abilities what `configSchema` made of the settings, too. */
function known(context: ConnectionContext): ConnectionContext<XSettings> {
  return { ...context, settings: xSettingsSchema.parse(context.settings) };
}

const ACTIONS = { auth: "relogin", payment: "pay", spam_blocked: "open_native" } as const;

async function healthOf(
  context: ConnectionContext<XSettings>,
  signal: AbortSignal,
): ReturnType<HealthConnector["health"]> {
  const answer = await callX(context, { method: "GET", path: "/2/users/me" }, signal);
  if (!answer.isOk) {
    const { failure } = answer;
    const name = failure.outcome === "rejected" ? failure.class : "unknown";
    const humanAction = ACTIONS[name as keyof typeof ACTIONS] ?? "none";
    return { state: "down", reason: whyNotAsked("X", failure), humanAction };
  }
  const me = meSchema.safeParse(answer.result);
  if (me.data?.data.id === context.settings.accountId) {
    return { state: "ok", reason: null, humanAction: "none" };
  }
  const reason = "the access token is that of another account than accountId; set the right one";
  return { state: "down", reason, humanAction: "relogin" };
}
