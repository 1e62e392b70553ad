import { join } from "node:path";
import type { DynamodbConfig, NatsConfig } from "./config/cluster-sections.ts";
import type { Config } from "./config/config.ts";
import type { Engine } from "./engine.ts";

/** The drivers for several machines. Nothing is opened yet. */
export async function createClusterEngine(config: Config): Promise<Engine> {
  const {
    createNatsChangeBus,
    createNatsKeyValue,
    createNatsLink,
    createNatsLog,
    createNatsNodePost,
    createNatsPresence,
  } = await import("@anywire/engines/nats");
  const { createDynamodbState } = await import("@anywire/engines/dynamodb");
  const { createDirectoryBlobStore } = await import("@anywire/engines/directory");
  const { replicas } = config.nats;
  const link = createNatsLink(linkOptions(config.nats));
  const state = createDynamodbState({
    ...dynamodbOptions(config.dynamodb),
    log: createNatsLog(link, { replicas }),
    bus: createNatsChangeBus(link),
  });
  return {
    ...state,
    presence: createNatsPresence(link, { replicas, rememberMs: config.presence.graceMs }),
    kv: createNatsKeyValue(link, { replicas }),
    post: createNatsNodePost(link),
    blobs: createDirectoryBlobStore({ directory: join(config.data.directory, "blobs") }),
  };
}

/** How the configuration says to reach NATS. */
export function linkOptions({ servers, prefix, user, password, token, credentials }: NatsConfig) {
  return {
    servers,
    prefix,
    ...(user === undefined ? {} : { user }),
    ...(password === undefined ? {} : { password: password.reveal() }),
    ...(token === undefined ? {} : { token: token.reveal() }),
    ...(credentials === undefined ? {} : { credentials: credentials.reveal() }),
  };
}

/** How the configuration says to reach the table. */
export function dynamodbOptions(config: DynamodbConfig) {
  const { table, createTable, region, endpoint, accessKeyId, secretAccessKey } = config;
  return {
    table,
    createTable,
    ...(region === undefined ? {} : { region }),
    ...(endpoint === undefined ? {} : { endpoint }),
    ...(accessKeyId === undefined || secretAccessKey === undefined
      ? {}
      : { credentials: { accessKeyId, secretAccessKey: secretAccessKey.reveal() } }),
  };
}
