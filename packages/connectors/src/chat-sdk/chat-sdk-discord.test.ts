import { generateKeyPairSync, sign } from "node:crypto";
import { createDiscordAdapter } from "@chat-adapter/discord";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { z } from "zod";
import type { ConnectionContext } from "../contract/context.ts";
import type { SendJob } from "../contract/send.ts";
import type { WebhookRequest } from "../contract/webhook.ts";
import { Faults } from "../simulator/faults.ts";
import {
  json,
  type NetworkAnswer,
  type NetworkRequest,
  type NetworkServer,
  startNetworkServer,
} from "../simulator/network-server.ts";
import { createChatSdkConnector } from "./chat-sdk-connector.ts";

const keys = generateKeyPairSync("ed25519");
const publicKey = keys.publicKey.export({ format: "der", type: "spki" }).subarray(-32);

const discord = createChatSdkConnector({
  id: "chat-discord",
  displayName: "Discord",
  network: "discord",
  configSchema: z.strictObject({ url: z.url().describe("Where the API is.") }),
  secrets: [
    { name: "botToken", description: "Of the bot.", isRequired: true },
    { name: "publicKey", description: "Of the application.", isRequired: true },
  ],
  policy: { bulkAllowed: false, notes: "https://discord.com/developers/docs/policies" },
  limits: [{ scope: "recipient", rate: 5, perMs: 5000, unit: "message" }],
  capabilities: { text: { maxLength: 2000, formatting: "dropped" }, canStart: true },
  headers: (secret) => ({ "x-discord-gateway-token": secret("botToken") }),
  adapter: ({ settings, secret, isVerified, logger }) =>
    createDiscordAdapter({
      apiUrl: settings.url,
      applicationId: "900",
      botToken: secret("botToken"),
      publicKey: secret("publicKey"),
      logger,
      ...(isVerified ? { webhookVerifier: () => true } : {}),
    }),
});

let api: NetworkServer;
let asked: NetworkRequest[];
let answer: (request: NetworkRequest) => NetworkAnswer;

beforeEach(async () => {
  asked = [];
  answer = ({ path }) => json({ id: path === "/users/@me/channels" ? "55" : "1001" });
  const handle = (request: NetworkRequest): NetworkAnswer => {
    asked.push(request);
    return answer(request);
  };
  api = await startNetworkServer(handle, new Faults(), {
    isSend: () => false,
    rateLimited: () => json({}, 429),
    serverError: () => json({}, 500),
  });
});

afterEach(() => api.close());

function context(over: Partial<ConnectionContext> = {}): ConnectionContext<{ url: string }> {
  return {
    id: "main",
    platform: "p",
    secrets: { botToken: ["bot-token"], publicKey: [publicKey.toString("hex")] },
    webhookUrl: "https://anywire.example/hook",
    now: () => 1000,
    ...over,
    settings: { url: api.url },
  };
}

function request(told: object, headers: Record<string, string>): WebhookRequest {
  const body = new TextEncoder().encode(JSON.stringify(told));
  return { method: "POST", url: "https://anywire.example/hook", headers, body };
}

const author = { id: "42", username: "ann", global_name: "Ann", bot: false };
const data = {
  id: "7",
  channel_id: "55",
  content: "Grüße 👋",
  author,
  mentions: [],
  attachments: [],
  timestamp: "2026-01-01T00:00:00.000Z",
};
const written = { type: "GATEWAY_MESSAGE_CREATE", timestamp: 1, data };

describe("Discord over the Chat SDK", () => {
  test("an interaction is genuine when it is signed with the application's key, and with no other", async () => {
    const ping = { type: 1 };
    const at = "1";
    const body = Buffer.from(JSON.stringify(ping));
    const signature = sign(null, Buffer.concat([Buffer.from(at), body]), keys.privateKey);
    const headers = {
      "x-signature-ed25519": signature.toString("hex"),
      "x-signature-timestamp": at,
    };
    expect(await discord.verify(request(ping, headers), context())).toEqual({ isGenuine: true });
    expect(await discord.verify(request({ type: 2 }, headers), context())).toMatchObject({
      isGenuine: false,
    });
    const secrets = { botToken: ["bot-token"], publicKey: ["00".repeat(32)] };
    expect(await discord.verify(request(ping, headers), context({ secrets }))).toMatchObject({
      isGenuine: false,
    });
  });

  test("an event of the gateway is genuine with the bot's token, and read without it", async () => {
    const headers = { "x-discord-gateway-token": "bot-token" };
    expect(await discord.verify(request(written, headers), context())).toEqual({ isGenuine: true });
    const forged = request(written, { "x-discord-gateway-token": "another" });
    expect(await discord.verify(forged, context())).toMatchObject({ isGenuine: false });
    expect(asked).toEqual([]);
    expect(await discord.parse(request(written, {}), context())).toEqual([
      {
        type: "message",
        at: Date.parse("2026-01-01T00:00:00.000Z"),
        externalId: "discord:@me:55#7",
        sender: { addresses: ["discord:42"], name: "Ann" },
        text: "Grüße 👋",
      },
    ]);
  });

  test("what was said on a server, or by a bot, is ignored", async () => {
    for (const over of [{ guild_id: "8" }, { author: { ...author, bot: true } }]) {
      const told = { ...written, data: { ...data, ...over } };
      expect(await discord.parse(request(told, {}), context())).toEqual([
        expect.objectContaining({ type: "ignored" }),
      ]);
    }
  });

  const job = (signal = AbortSignal.timeout(10_000)): SendJob =>
    ({
      to: "discord:42",
      content: { text: "hello", media: [], message: { text: "hello" } },
      signal,
    }) as unknown as SendJob;

  test("a message goes into the conversation with that person", async () => {
    expect(await discord.send(job(), context())).toEqual({
      outcome: "accepted",
      externalIds: ["discord:@me:55#1001"],
    });
    const said = asked.map(({ path, body }) => [path, JSON.parse(body.toString())]);
    expect(said).toMatchObject([
      ["/users/@me/channels", { recipient_id: "42" }],
      ["/channels/55/messages", { content: "hello" }],
    ]);
  });

  test.each([
    [401, { outcome: "rejected", class: "auth" }],
    [404, { outcome: "rejected", class: "invalid_recipient" }],
    [429, { outcome: "rejected", class: "rate_limited" }],
    [500, { outcome: "unknown" }],
  ])("status %i is said as what it is, without Discord's own words", async (status, expected) => {
    answer = () => json({ message: "bot-token is bad" }, status);
    const result = await discord.send(job(), context());
    expect(result).toMatchObject(expected);
    expect(JSON.stringify(result)).not.toContain("bot-token");
  });

  test("when time is up before the answer, nobody knows", async () => {
    const host = new AbortController();
    answer = ({ path }) => {
      if (path.endsWith("/messages")) host.abort();
      return json({ id: "55" });
    };
    expect(await discord.send(job(host.signal), context())).toMatchObject({ outcome: "unknown" });
  });
});
