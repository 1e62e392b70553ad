import type {
  DeletingConnector,
  EditingConnector,
  HandshakingConnector,
  HealthConnector,
  MediaConnector,
  ReactingConnector,
  ReconcilingConnector,
} from "../contract/abilities.ts";
import type { Connector } from "../contract/connector.ts";
import type { ConnectionContext } from "../contract/context.ts";
import type { Verdict, WebhookAnswer, WebhookRequest } from "../contract/webhook.ts";
import { jsonBody } from "../wire/json-body.ts";
import { whyNotAsked } from "../wire/never-left.ts";
import { callSlack } from "./slack-api.ts";
import { SLACK_REACTIONS } from "./slack-emoji.ts";
import { slackEnvelopeSchema } from "./slack-event.ts";
import { fetchFromSlack, MAX_FILE_BYTES } from "./slack-files.ts";
import { parseSlack } from "./slack-parse.ts";
import {
  deleteOnSlack,
  editOnSlack,
  MAX_TEXT,
  reactOnSlack,
  reconcileOnSlack,
  sendToSlack,
} from "./slack-send.ts";
import { SLACK_SECRETS, type SlackSettings, slackSettingsSchema } from "./slack-settings.ts";
import { verifySlack } from "./slack-signature.ts";

/** The kind of request with which Slack asks whether an address is ours. */
const CHALLENGE = "url_verification";

/** An app in a Slack workspace: conversations with one person each. @see https://docs.slack.dev/apis/events-api */
export const slack: Connector<SlackSettings> &
  HandshakingConnector &
  ReconcilingConnector &
  EditingConnector &
  DeletingConnector &
  ReactingConnector &
  MediaConnector &
  HealthConnector = {
  id: "slack",
  version: "1.0.0",
  displayName: "Slack",
  network: "slack",
  channelType: {
    name: "slack",
    identity: "participants",
    network: "slack",
    description: "A Slack conversation.",
  },
  configSchema: slackSettingsSchema,
  secrets: SLACK_SECRETS,
  addressKinds: ["slack"],
  policy: {
    bulkAllowed: true,
    notes:
      "An app may write to everybody in the workspace that it is installed in; write to those only who expect it (https://api.slack.com/developer-policy).",
  },
  limits: [
    { scope: "recipient", rate: 1, perMs: 1000, burst: 3, unit: "message" },
    { scope: "connection", rate: 300, perMs: 60_000, burst: 20, unit: "message" },
  ],
  capabilities: () => {
    const file = { level: "full", maxBytes: MAX_FILE_BYTES } as const;
    return {
      text: { maxLength: MAX_TEXT, formatting: "full" },
      media: { image: file, audio: file, video: file, file },
      maxMedia: 10,
      reply: "full",
      edit: {},
      delete: {},
      reactions: SLACK_REACTIONS,
      receipts: { sent: false, delivered: false, read: false },
      canStart: true,
      idempotency: "correlation",
    };
  },
  handshake: answerChallenge,
  verify: verified,
  parse: async (request, context) => parseSlack(request, context),
  send: sendToSlack,
  reconcile: (job, context) => reconcileOnSlack(job, known(context)),
  edit: (job, context) => editOnSlack(job, known(context)),
  delete: (job, context) => deleteOnSlack(job, known(context)),
  react: (job, context) => reactOnSlack(job, known(context)),
  fetchMedia: (media, context, signal) => fetchFromSlack(media, known(context), signal),
  async health(context, signal) {
    const answer = await callSlack(known(context), "auth.test", {}, signal);
    if (answer.isOk) return { state: "ok", reason: null, humanAction: "none" };
    const { failure } = answer;
    const isAuth = failure.outcome === "rejected" && failure.class === "auth";
    const reason = whyNotAsked("Slack", failure);
    return { state: "down", reason, humanAction: isAuth ? "relogin" : "none" };
  },
  simulator: async () => (await import("./slack-simulator.ts")).createSlackSimulator,
  fixtures: async () => (await import("./slack-fixtures.ts")).slackFixtures,
};

/** The host gives abilities what `configSchema` made of the settings, too. */
function known(context: ConnectionContext): ConnectionContext<SlackSettings> {
  return { ...context, settings: slackSettingsSchema.parse(context.settings) };
}

function verified(
  request: WebhookRequest,
  { secrets, now }: Pick<ConnectionContext, "secrets" | "now">,
): Verdict {
  return verifySlack(request, secrets["signingSecret"] ?? [], now());
}

/** Slack asks so when the address is entered. It signs that as well: nobody else is answered. */
function answerChallenge(
  request: WebhookRequest,
  context: ConnectionContext,
): WebhookAnswer | null {
  // Looked for first: all events come this way, and are verified once more behind it.
  if (request.method !== "POST" || !Buffer.from(request.body).includes(CHALLENGE)) return null;
  if (!verified(request, context).isGenuine) return null;
  try {
    const { type, challenge } = slackEnvelopeSchema.parse(jsonBody(request.body));
    if (type !== CHALLENGE || challenge === undefined) return null;
    return {
      status: 200,
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ challenge }),
    };
  } catch {
    return null;
  }
}
