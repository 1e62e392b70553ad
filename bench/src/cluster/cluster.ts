import { ENGINE_SERVERS } from "../../../scripts/engines/engine-servers.ts";
import { startAnywire } from "../peers/anywire.ts";
import type { PeerServer } from "../peers/peer.ts";
import { createEs256Tokens } from "../peers/tokens.ts";
import type { ServerChild } from "../processes/server-child.ts";
import { type BackendOptions, type ClusterBackend, startBackend } from "./cluster-backend.ts";
import type { ClusterPrograms } from "./cluster-programs.ts";

const UNAVAILABLE = 503;

/** What a cluster is made of. */
export interface ClusterOptions extends BackendOptions {
  /** Processes with nothing but connections and the API. */
  readonly edges: number;
  /** Address through which the projector is to reach the DynamoDB API that is at the given one. */
  readonly projectorDynamodbUrl?: (url: string) => Promise<string>;
}

/** Nodes of Anywire on servers of their own. */
export interface Cluster {
  readonly nats: ServerChild;
  readonly edges: readonly PeerServer[];
  /** A process of its own that keeps the state in step with the log. */
  readonly projector: PeerServer;
  /** Ends all of it and removes what it left. */
  stop(): Promise<void>;
}

/** Starts a cluster on this machine. */
export async function startCluster(
  programs: ClusterPrograms,
  options: ClusterOptions,
): Promise<Cluster> {
  const backend = await startBackend(programs, options);
  const nodes: PeerServer[] = [];
  const stop = async (): Promise<void> => {
    await Promise.all(nodes.map((node) => node.stop()));
    await backend.stop();
  };
  const tokens = createEs256Tokens();
  const start = async (role: string, dynamodbUrl: string): Promise<PeerServer> => {
    const node = await startAnywire({ tokens, env: nodeEnv(backend, role, dynamodbUrl) });
    nodes.push(node);
    return node;
  };
  try {
    const edges: PeerServer[] = [];
    // One after the other: the first one makes what the others find.
    while (edges.length < options.edges) edges.push(await start("edge", backend.dynamodbUrl));
    const url = (await options.projectorDynamodbUrl?.(backend.dynamodbUrl)) ?? backend.dynamodbUrl;
    const projector = await start("projector", url);
    for (const edge of edges) await untilStateIsThere(edge);
    return { nats: backend.nats, edges, projector, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Runs with a cluster, and stops it whatever happens. */
export async function withCluster<Result>(
  programs: ClusterPrograms,
  options: ClusterOptions,
  use: (cluster: Cluster) => Promise<Result>,
): Promise<Result> {
  const cluster = await startCluster(programs, options);
  try {
    return await use(cluster);
  } finally {
    await cluster.stop();
  }
}

/** Resolves once an edge can read the state, which its projector has to begin. */
async function untilStateIsThere({ port, token }: PeerServer): Promise<void> {
  const headers = { authorization: `Bearer ${token("reader")}` };
  for (;;) {
    const { status } = await fetch(`http://127.0.0.1:${port}/v1/me/snapshot`, { headers });
    if (status !== UNAVAILABLE) return;
  }
}

function nodeEnv({ nats }: ClusterBackend, role: string, dynamodbUrl: string): NodeJS.ProcessEnv {
  return {
    ANYWIRE_ENGINE: "cluster",
    ANYWIRE_ROLES: role,
    ANYWIRE_NATS_SERVERS: ENGINE_SERVERS.nats.url(nats.port),
    ANYWIRE_DYNAMODB_ENDPOINT: dynamodbUrl,
    ANYWIRE_DYNAMODB_REGION: "bench",
    ANYWIRE_DYNAMODB_ACCESS_KEY_ID: "bench",
    ANYWIRE_DYNAMODB_SECRET_ACCESS_KEY: "bench",
  };
}
