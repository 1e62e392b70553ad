import type {
  Capabilities,
  Connector,
  CreateSimulator,
  Handset,
  HandsetMessage,
  Simulator,
} from "@anywire/connectors";
import { builtInConnectors } from "@anywire/connectors/built-in";
import type { Delivery, Entry } from "@anywire/types";
import { expect, onTestFinished, vi } from "vitest";
import { callHttp, type HttpAnswer } from "./http-call.ts";
import type { TestServer } from "./start-test-server.ts";

/** How long something may take on a machine that is busy, ms. */
export const PATIENCE = { timeout: 20_000, interval: 25 };

/** A network that is simulated, and the connection of a server to it. */
export interface NetworkUnderTest {
  readonly connection: string;
  readonly network: string;
  readonly channelType: string;
  /** Which receipts the network gives. */
  readonly receipts: Capabilities["receipts"];
  readonly simulator: Simulator;
  readonly handset: Handset;
  /** Calls the API as somebody who may do everything on the platform. */
  call(method: string, path: string, json?: unknown): Promise<HttpAnswer>;
  /** Opens a channel between Bob and an address, and gives its name: one that names no connection, unless it is given. */
  open(address: string, connection?: string): Promise<string>;
  say(channel: string, text: string): Promise<string>;
  entries(channel: string): Promise<readonly Entry[]>;
  /** What was said on a channel: who, and what. */
  said(channel: string): Promise<readonly string[]>;
  /** The delivery of a message once it is as it should be. */
  delivery(channel: string, message: string, status: Delivery["status"]): Promise<Delivery>;
  /** What a person has on the screen, once that is as many messages. */
  received(person: string, count: number): Promise<readonly HandsetMessage[]>;
}

/** Starts a simulator of a built-in connector's network and connects a server to it, under an id of one's own. */
export async function connectNetwork(
  server: Pick<TestServer, "url" | "token">,
  connectorId: string,
  changes: Readonly<Record<string, unknown>> = {},
  id = `test-${connectorId}`,
): Promise<NetworkUnderTest> {
  const connector = builtInConnectors.find((one) => one.id === connectorId);
  const create = await connector?.simulator?.();
  if (connector === undefined || create === undefined)
    throw new Error(`no simulator of ${connectorId}`);
  return await connectTo(server, connector, create, changes, id);
}

/** The same for a network that the test brings along. */
export async function connectTo(
  server: Pick<TestServer, "url" | "token">,
  connector: Connector,
  create: CreateSimulator,
  changes: Readonly<Record<string, unknown>> = {},
  id = `test-${connector.id}`,
): Promise<NetworkUnderTest> {
  const simulator = await create({ webhookUrl: `${server.url}/v1/webhooks/${id}` });
  onTestFinished(() => simulator.close());
  const all = ["production.>", "production.connection.*"];
  const token = await server.token("bob", { subscribe: all, publish: all, manage: all });
  const call: NetworkUnderTest["call"] = (...request) => callHttp(server, token, ...request);
  const created = await call("POST", "/v1/connections", {
    ...{ id, connector: connector.id },
    settings: simulator.settings,
    secrets: simulator.secrets,
    defaultAccounts: ["bob"],
    ...changes,
  });
  expect(created.status, JSON.stringify(created.body)).toBe(201);
  const channelType = connector.channelType.name;
  const entries: NetworkUnderTest["entries"] = async (channel) =>
    (await call("GET", `/v1/channels/${channel}/entries?limit=1000`)).body.entries;
  return {
    connection: id,
    network: connector.network,
    channelType,
    receipts: connector.capabilities({
      ...{ id, platform: "production", webhookUrl: "", now: Date.now },
      settings: connector.configSchema.parse(simulator.settings),
      secrets: {},
    }).receipts,
    simulator,
    handset: simulator.handset,
    call,
    entries,
    async open(address, connection) {
      const request = { type: channelType, participants: [address], connection };
      const { status, body } = await call("POST", "/v1/channels", request);
      expect([200, 201], JSON.stringify(body)).toContain(status);
      return body.channel;
    },
    async say(channel, text) {
      const { status, body } = await call("POST", `/v1/channels/${channel}/messages`, { text });
      expect(status, JSON.stringify(body)).toBe(201);
      return body.id;
    },
    said: async (channel) =>
      (await entries(channel))
        .filter(({ kind }) => kind === "message")
        .map(({ sender, data }) => `${sender}: ${(data as { text: string }).text}`),
    async delivery(channel, message, status) {
      const path = `/v1/deliveries?channel=${channel}&message=${message}`;
      return await vi.waitFor(async () => {
        const { body } = await call("GET", path);
        const found: Delivery | undefined = body.deliveries[0];
        expect(found?.status, JSON.stringify(body)).toBe(status);
        return found as Delivery;
      }, PATIENCE);
    },
    received: (person, count) =>
      vi.waitFor(() => {
        const messages = simulator.handset.messages(person);
        expect(messages.length).toBeGreaterThanOrEqual(count);
        return messages;
      }, PATIENCE),
  };
}
