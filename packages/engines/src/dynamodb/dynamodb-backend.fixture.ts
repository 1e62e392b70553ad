import type { Log, StateStore } from "@anywire/core";
import { DeleteTableCommand, DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { createMemoryLog, MemoryLogBackend } from "../memory/index.ts";
import type { DynamodbStateOptions } from "./dynamodb-options.ts";
import { createDynamodbState } from "./dynamodb-state-store.ts";
import { createMemoryChangeBus, MemoryBusHub } from "./memory-change-bus.fixture.ts";

/** A log in memory, a bus in memory, and a table of its own on a real server. */
export interface DynamodbBackend {
  readonly log: MemoryLogBackend;
  readonly hub: MemoryBusHub;
  readonly endpoint: string;
  readonly table: string;
  /** A new node, not started. */
  createNode(options?: Partial<DynamodbStateOptions>): {
    readonly log: Log;
    readonly state: StateStore;
  };
  /** A new node, started. */
  join(options?: Partial<DynamodbStateOptions>): Promise<{
    readonly log: Log;
    readonly state: StateStore;
  }>;
  /** A client of the table for the test itself. */
  client(): DynamoDBClient;
  dispose(): Promise<void>;
}

const credentials = { accessKeyId: "local", secretAccessKey: "local" };

/** Makes a backend for one test. */
export function dynamodbBackend(endpoint: string): DynamodbBackend {
  const log = new MemoryLogBackend({ foldsState: false });
  const hub = new MemoryBusHub();
  const table = `anywire-test-${crypto.randomUUID()}`;
  const client = new DynamoDBClient({ endpoint, region: "local", credentials });
  const createNode: DynamodbBackend["createNode"] = (options = {}) =>
    createDynamodbState({
      table,
      endpoint,
      region: "local",
      credentials,
      maxWaitMs: 5_000,
      log: createMemoryLog(log),
      bus: createMemoryChangeBus(hub),
      ...options,
    });
  return {
    log,
    hub,
    endpoint,
    table,
    createNode,
    client: () => client,
    join: async (options) => {
      const node = createNode(options);
      await node.log.start();
      await node.state.start();
      return node;
    },
    dispose: async () => {
      await client.send(new DeleteTableCommand({ TableName: table }));
      client.destroy();
    },
  };
}
