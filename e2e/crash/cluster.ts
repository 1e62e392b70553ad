import type { Log, StateStore } from "@anywire/core";
import { createDynamodbState } from "@anywire/engines/dynamodb";
import { createNatsChangeBus, createNatsLink, createNatsLog } from "@anywire/engines/nats";
import { inject, onTestFinished } from "vitest";
import { startServers } from "../../packages/engines/src/nats/nats-server.fixture.ts";
import { withEngine } from "../../scripts/engines/with-engine.ts";
import { forgetCluster } from "../support/forget-cluster.ts";
import type { Reachable } from "../support/sdk-client.ts";
import { type ServerProcess, startServerProcess } from "../support/server-process.ts";
import { directoryWithKey, NO_LIMITS } from "./crashing-server.ts";

/** Where the servers of a cluster are. */
export interface ClusterServers {
  readonly nats: string;
  readonly dynamodb: string;
}

/** How a node differs from the others. */
export interface NodeOptions {
  /** What it has in place of the cluster's servers, such as a network that can be cut. */
  readonly servers?: Partial<ClusterServers>;
  /** Default: all. */
  readonly roles?: string;
  readonly environment?: NodeJS.ProcessEnv;
}

/** A server of the cluster in a process of its own. */
export type ClusterNode = ServerProcess & Reachable;

/** The test itself as a node, to look at what is stored. */
export interface Witness {
  readonly log: Log;
  readonly state: StateStore;
}

/** Servers of Anywire that share a log and a state, which are empty at first. */
export interface Cluster extends Pick<Reachable, "token"> {
  readonly servers: ClusterServers;
  /** Begins the name of everything in NATS. */
  readonly prefix: string;
  startNode(options?: NodeOptions): Promise<ClusterNode>;
  /** Joins without answering or projecting; leaves when the test is finished. */
  witness(): Promise<Witness>;
}

const CREDENTIALS = { accessKeyId: "local", secretAccessKey: "local" };

/** Declares tests of a cluster: skipped, with the reason, where this run has not what it needs. */
export function withCluster(declare: () => void): void {
  withEngine("nats", () => withEngine("dynamodb", () => declare()));
}

/** A NATS server that the test can kill and start again; it is gone when the test is finished. */
export async function startOwnNats() {
  const [server] = await startServers();
  if (server === undefined) throw new Error("no NATS server was started");
  onTestFinished(() => server.dispose());
  return server;
}

/** A cluster without nodes; what they keep is gone when the test is finished. */
export async function startCluster(own: Partial<ClusterServers> = {}): Promise<Cluster> {
  const shared = { nats: sharedUrl("nats"), dynamodb: sharedUrl("dynamodb") };
  const servers = { ...shared, ...own };
  const prefix = `crash-${crypto.randomUUID().slice(0, 18)}`;
  onTestFinished(() => forgetCluster(prefix, shared.nats, shared.dynamodb));
  // Nodes share it as they would share a bucket: keys and attachments lie there.
  const { directory, token } = await directoryWithKey();
  return {
    servers,
    prefix,
    token,
    async startNode({ servers: others, roles, environment }: NodeOptions = {}) {
      const node = await startServerProcess("start", directory, {
        ...NO_LIMITS,
        ...environmentOf({ ...servers, ...others }, prefix),
        ...(roles === undefined ? {} : { ANYWIRE_ROLES: roles }),
        ...environment,
      });
      return { ...node, token };
    },
    witness: () => joinAsWitness(servers, prefix),
  };
}

function sharedUrl(name: "nats" | "dynamodb"): string {
  const engine = inject("engines")[name];
  if ("url" in engine) return engine.url;
  throw new Error(engine.missing);
}

function environmentOf({ nats, dynamodb }: ClusterServers, prefix: string): NodeJS.ProcessEnv {
  return {
    ANYWIRE_ENGINE: "cluster",
    ANYWIRE_NATS_SERVERS: nats,
    ANYWIRE_NATS_PREFIX: prefix,
    ANYWIRE_DYNAMODB_ENDPOINT: dynamodb,
    ANYWIRE_DYNAMODB_TABLE: prefix,
    ANYWIRE_DYNAMODB_REGION: "local",
    ANYWIRE_DYNAMODB_ACCESS_KEY_ID: CREDENTIALS.accessKeyId,
    ANYWIRE_DYNAMODB_SECRET_ACCESS_KEY: CREDENTIALS.secretAccessKey,
  };
}

async function joinAsWitness(servers: ClusterServers, prefix: string): Promise<Witness> {
  const link = createNatsLink({ servers: [servers.nats], prefix });
  const { log, state } = createDynamodbState({
    log: createNatsLog(link),
    bus: createNatsChangeBus(link),
    table: prefix,
    endpoint: servers.dynamodb,
    region: "local",
    credentials: CREDENTIALS,
    // A machine that is busy with other tests takes its time.
    maxWaitMs: 60_000,
  });
  await log.start();
  await state.start();
  onTestFinished(async () => {
    await state.close();
    await log.close();
  });
  return { log, state };
}
