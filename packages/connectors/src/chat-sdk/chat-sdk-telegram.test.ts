import { describeConnector } from "@anywire/testkit";
import { createTelegramAdapter } from "@chat-adapter/telegram";
import { afterAll, beforeAll } from "vitest";
import { z } from "zod";
import type { Fixture } from "../contract/fixture.ts";
import type { InboundEvent } from "../contract/inbound-event.ts";
import type { CreateSimulator } from "../contract/simulator.ts";
import { telegram } from "../telegram/index.ts";
import { createTelegramSimulator } from "../telegram/telegram-simulator.ts";
import { createChatSdkConnector } from "./chat-sdk-connector.ts";
import { type NetworkIdentity, startNetworkIdentity } from "./network-identity.fixture.ts";

let identity: NetworkIdentity;
beforeAll(async () => {
  const result = { id: 7, is_bot: true, first_name: "Anywire", username: "anywire_bot" };
  identity = await startNetworkIdentity({ ok: true, result });
});
afterAll(() => identity.close());

const AT_S = 1_790_000_000;
const ann = { id: 42, is_bot: false, first_name: "Ann", username: "ann" };
const chat = { id: 42, type: "private", first_name: "Ann" };
const message = { message_id: 5, date: AT_S, chat, from: ann };

function fixture(name: string, update: object, events: Fixture["events"]): Fixture {
  return {
    name,
    settings: { baseUrl: identity.url },
    secrets: { botToken: "7:token", webhookSecret: "said-along" },
    now: AT_S * 1000,
    request: {
      method: "POST",
      url: "https://anywire.example/v1/webhooks/main",
      headers: {
        "content-type": "application/json",
        "x-telegram-bot-api-secret-token": events === undefined ? "made-up" : "said-along",
      },
      body: JSON.stringify({ update_id: 1, ...update }),
    },
    events,
  };
}

const said: InboundEvent = {
  type: "message",
  at: AT_S * 1000,
  externalId: "telegram:42#42:5",
  sender: { addresses: ["telegram:42"], name: "Ann" },
  text: "Grüße 👋",
};

/** The same network as that of our own connector, so its simulator serves both. */
const simulator: CreateSimulator = async (options) => {
  const network = await createTelegramSimulator(options);
  const { baseUrl } = network.settings;
  return {
    ...network,
    settings: { baseUrl },
    get accepted() {
      return network.accepted;
    },
  };
};

describeConnector(
  createChatSdkConnector({
    id: "chat-telegram",
    displayName: "Telegram (Chat SDK)",
    network: "telegram",
    channelType: telegram.channelType,
    configSchema: z.strictObject({ baseUrl: z.url().describe("Where the Bot API is.") }),
    secrets: telegram.secrets,
    policy: telegram.policy,
    limits: telegram.limits,
    capabilities: {
      text: { maxLength: 4096, formatting: "dropped" },
      media: { file: { level: "full" } },
      reply: "full",
      edit: {},
      delete: {},
      reactions: ["👍", "🔥"],
      typing: true,
      canStart: false,
    },
    textAs: "raw",
    adapter: ({ settings, secret, isVerified, logger }) =>
      createTelegramAdapter({
        apiUrl: settings.baseUrl,
        botToken: secret("botToken"),
        mode: "webhook",
        logger,
        ...(isVerified
          ? { allowUnverifiedWebhooks: true }
          : { secretToken: secret("webhookSecret") }),
      }),
    simulator: async () => simulator,
    fixtures: async () => [
      fixture("somebody writes", { message: { ...message, text: "Grüße 👋" } }, [said]),
      fixture("a group", { message: { ...message, chat: { id: -9, type: "group" }, text: "Hi" } }, [
        { type: "ignored", at: AT_S * 1000, what: "of a conversation of many" },
      ]),
      fixture("a forged one", { message: { ...message, text: "Hi" } }, undefined),
    ],
  }),
);
