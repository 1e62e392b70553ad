import { type Connector, createConnectorRegistry } from "@anywire/connectors";
import {
  connectionOperations,
  createConnections,
  createInbound,
  createSecretVault,
  deliveryOperations,
} from "@anywire/connectors/host";
import type { Access, BlobStore, Log, Operations, Pipeline, StateStore } from "@anywire/core";
import { createMemoryKeyValue } from "@anywire/engines/memory";
import { AnywireError, type ChannelTypeRegistry } from "@anywire/types";
import { z } from "zod";
import type { HttpAppOptions } from "./http-app.ts";

/** The parts of a model that networks are connected to. */
export interface TestNetworkPorts {
  readonly log: Log;
  readonly state: StateStore;
  readonly blobs: BlobStore;
  readonly access: Access;
  readonly pipeline: Pipeline;
  readonly channelTypes: ChannelTypeRegistry;
}

/** A network without a wire: a request is its own when its body begins with the secret. */
const quill: Connector = {
  id: "quill",
  version: "1.0.0",
  displayName: "Quill",
  network: "quill",
  channelType: {
    name: "quill",
    identity: "participants",
    network: "quill",
    description: "Letters.",
  },
  configSchema: z.strictObject({ street: z.string().min(1).describe("Where the letters go.") }),
  secrets: [{ name: "seal", description: "What is pressed into the wax.", isRequired: true }],
  addressKinds: ["quill"],
  policy: { bulkAllowed: true, notes: "None." },
  limits: [],
  capabilities: () => ({
    text: { maxLength: 1000, formatting: "dropped" },
    receipts: { sent: false, delivered: false, read: false },
    canStart: true,
    idempotency: "none",
  }),
  verify({ body }, { secrets }) {
    const text = new TextDecoder().decode(body);
    const isGenuine = (secrets["seal"] ?? []).some((seal) => text.startsWith(seal));
    return isGenuine ? { isGenuine } : { isGenuine: false, reason: "the seal is broken" };
  },
  async parse() {
    return [];
  },
  send: async () => ({ outcome: "unknown", reason: "letters are never answered" }),
};

/** Connections on the memory engine, over which nothing is sent, and what comes in is stored but not handled. */
export function createTestNetworks(
  operations: Operations,
  { channelTypes, ...ports }: TestNetworkPorts,
): Pick<HttpAppOptions, "operations" | "inbound"> {
  const kv = createMemoryKeyValue();
  void kv.start();
  channelTypes.declare(quill.channelType);
  const registry = createConnectorRegistry([quill]);
  const vault = createSecretVault(kv, "a secret of tests");
  const webhookUrlOf = (id: string): string => `http://localhost/v1/webhooks/${id}`;
  const connections = createConnections({ state: ports.state, registry, vault, webhookUrlOf });
  const onError = (): void => {};
  const inbound = createInbound({
    ...{ ...ports, kv, connections, operations, onError },
    storeMedia: async () => {
      throw new AnywireError("unsupported", "letters have no pictures");
    },
    settings: { maxBodyBytes: 8192 },
  });
  const own = connectionOperations({
    ...{ ...ports, kv, vault, registry, connections, operations, webhookUrlOf, onError },
    replay: (connection, offset) => inbound.replay(connection, offset),
  });
  const all = [...operations.values(), ...own, ...deliveryOperations(ports)];
  return { operations: new Map(all.map((one) => [one.name, one])), inbound };
}
