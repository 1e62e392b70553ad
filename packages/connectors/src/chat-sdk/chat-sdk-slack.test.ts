import { describeConnector } from "@anywire/testkit";
import { createSlackAdapter } from "@chat-adapter/slack";
import { afterAll, beforeAll } from "vitest";
import { z } from "zod";
import type { Fixture } from "../contract/fixture.ts";
import { slack } from "../slack/index.ts";
import { slackSignature } from "../slack/slack-signature.ts";
import { toSlackText } from "../slack/slack-text.ts";
import { createChatSdkConnector } from "./chat-sdk-connector.ts";
import { type NetworkIdentity, startNetworkIdentity } from "./network-identity.fixture.ts";

let identity: NetworkIdentity;
beforeAll(async () => {
  identity = await startNetworkIdentity({ ok: true, user_id: "U0BOT", bot_id: "B0BOT" });
});
afterAll(() => identity.close());

/** The adapter looks at a clock of its own, so what is recorded has to be of now. */
const now = Math.floor(Date.now() / 1000) * 1000;
const ts = `${now / 1000}.000100`;

function fixture(name: string, event: object, events: Fixture["events"]): Fixture {
  const secret = events === undefined ? "made-up" : "signing-secret-of-a-fixture";
  const body = JSON.stringify({ type: "event_callback", event_id: "Ev1", team_id: "T1", event });
  const time = String(now / 1000);
  return {
    name,
    settings: { baseUrl: `${identity.url}/api/` },
    secrets: { botToken: "xoxb-of-a-fixture", signingSecret: "signing-secret-of-a-fixture" },
    now,
    request: {
      method: "POST",
      url: "https://anywire.example/v1/webhooks/main",
      headers: {
        "content-type": "application/json",
        "x-slack-request-timestamp": time,
        "x-slack-signature": slackSignature(secret, time, Buffer.from(body)),
      },
      body,
    },
    events,
  };
}

const said = { type: "message", user: "U2147483697", text: "Tom &amp; Ann 👋", ts };
const direct = { ...said, channel: "D024BE91L", channel_type: "im" };
const simulator = slack.simulator;

// It fetches files from no address of a private network, where the simulator is: so that can't be tried.
const { fetchMedia: _, ...chatSlack } = createChatSdkConnector({
  id: "chat-slack",
  displayName: "Slack (Chat SDK)",
  network: "slack",
  channelType: slack.channelType,
  configSchema: z.strictObject({ baseUrl: z.url().describe("Where the Web API is.") }),
  secrets: slack.secrets,
  policy: slack.policy,
  limits: slack.limits,
  capabilities: {
    text: { maxLength: 10_000, formatting: "dropped" },
    media: { image: { level: "full" }, file: { level: "full" } },
    edit: {},
    delete: {},
    reactions: ["👍"],
    canStart: true,
  },
  timestamp: { header: "x-slack-request-timestamp", unit: "s", maxAgeMs: 300_000 },
  textAs: toSlackText,
  adapter: ({ settings, secret, isVerified, logger }) =>
    createSlackAdapter({
      apiUrl: settings.baseUrl,
      botToken: secret("botToken"),
      logger,
      // It asks for the token of a file's workspace, also when there is one alone.
      installationProvider: {
        getInstallation: async () => ({ botToken: secret("botToken") }),
      },
      // The host tries again, and knows when it may.
      webClientOptions: { retryConfig: { retries: 0 }, rejectRateLimitedCalls: true },
      ...(isVerified
        ? { webhookVerifier: () => true }
        : { signingSecret: secret("signingSecret") }),
    }),
  ...(simulator === undefined ? {} : { simulator }),
  fixtures: async () => [
    fixture("somebody writes", direct, [
      {
        type: "message",
        at: now,
        externalId: `slack:D024BE91L#${ts}`,
        sender: { addresses: ["slack:U2147483697"] },
        text: "Tom & Ann 👋",
      },
    ]),
    fixture("a channel of many", { ...said, channel: "C1", channel_type: "channel" }, [
      { type: "ignored", at: now, what: "of a conversation of many" },
    ]),
    fixture("a forged one", direct, undefined),
  ],
});

describeConnector(chatSlack);
