import { performance } from "node:perf_hooks";
import { type Cluster, withCluster } from "../cluster/cluster.ts";
import { type CountedRequests, CountingProxy } from "../cluster/counting-proxy.ts";
import { type Load, startLoad } from "../load/load.ts";
import type { PeerServer } from "../peers/peer.ts";
import { cpuSeconds } from "../processes/process-usage.ts";
import { untilQuiet } from "../processes/until-quiet.ts";
import type { ClusterContext } from "./bench-context.ts";

const GROUPS = 100;
const PARTICIPANTS = 20;
const PUBLISHERS = [1, 100] as const;

/** What it costs to keep the state in step with messages into groups that were opened. */
export interface ClusterProjectorResult {
  readonly participants: number;
  readonly runs: readonly ProjectorRun[];
}

/** Messages that were published by so many at once, each into a group of its own. */
export interface ProjectorRun {
  readonly publishers: number;
  readonly messages: number;
  /** From the first publish until the state had all of them. */
  readonly projectedPerSecond: number;
  /** The projector's processor time for a message, µs. */
  readonly projectorMicros: number;
  /** Requests to DynamoDB for a message, of each operation. */
  readonly requests: Readonly<Record<string, number>>;
  /** The mean time from a request to the end of its answer, ms. */
  readonly requestMs: number;
}

interface Projected extends Cluster {
  readonly edge: PeerServer;
  readonly proxy: CountingProxy;
}

/** A hundred groups of twenty, one edge, a projector in a process of its own whose requests are counted on their way. */
export async function measureClusterProjector(
  context: ClusterContext,
): Promise<ClusterProjectorResult> {
  context.progress("projector: starting");
  const started: CountingProxy[] = [];
  const projectorDynamodbUrl = async (url: string): Promise<string> => {
    const proxy = await CountingProxy.start(url);
    started.push(proxy);
    return proxy.url;
  };
  const options = { edges: 1, projectorDynamodbUrl };
  const load = startLoad();
  try {
    return await withCluster(context.programs, options, async (cluster) => {
      const [[edge], [proxy]] = [cluster.edges, started];
      if (edge === undefined || proxy === undefined) throw new Error("the cluster is not complete");
      return await measure(context, load, { ...cluster, edge, proxy });
    });
  } finally {
    await load.close();
    for (const proxy of started) proxy.close();
  }
}

async function measure(
  { isQuick, progress }: ClusterContext,
  load: Load,
  cluster: Projected,
): Promise<ClusterProjectorResult> {
  const groups: string[] = [];
  for (let index = 0; index < GROUPS; index += 1) groups.push(await openGroup(cluster.edge, index));
  const forMs = isQuick ? 1000 : 3000;
  // The last is counted, the one before it warms up.
  for (const publishers of PUBLISHERS) await runOnce(load, cluster, groups, publishers, forMs);
  const runs: ProjectorRun[] = [];
  for (const publishers of PUBLISHERS) {
    progress(`projector: messages of ${publishers} publishers into groups of ${PARTICIPANTS}`);
    runs.push(await runOnce(load, cluster, groups, publishers, forMs));
  }
  return { participants: PARTICIPANTS, runs };
}

async function runOnce(
  load: Load,
  { edge, projector, proxy }: Projected,
  groups: readonly string[],
  publishers: number,
  forMs: number,
): Promise<ProjectorRun> {
  await untilQuiet([projector.pid]);
  const messagesBefore = await countMessages(edge, groups);
  const [cpuBefore, before, startedAt] = [
    cpuSeconds(projector.pid),
    proxy.counted,
    performance.now(),
  ];
  await load.call("publish", {
    port: edge.port,
    publishers: groups.slice(0, publishers).map((group, index) => ({
      token: edge.token(accountOf(index, 0)),
      channels: [group],
    })),
    warmUpMs: 0,
    forMs,
    pids: [],
  });
  await untilQuiet([projector.pid]);
  const seconds = cpuSeconds(projector.pid) - cpuBefore;
  const after = proxy.counted;
  // What the state has counted has been projected.
  const messages = (await countMessages(edge, groups)) - messagesBefore;
  return {
    publishers,
    messages,
    projectedPerSecond: messages / ((after.lastAt - startedAt) / 1000),
    projectorMicros: (seconds / messages) * 1e6,
    ...requestsFor(messages, before, after),
  };
}

function requestsFor(
  messages: number,
  before: CountedRequests,
  after: CountedRequests,
): Pick<ProjectorRun, "requests" | "requestMs"> {
  const counts = Object.entries(after.counts).map(
    ([operation, count]) => [operation, count - (before.counts[operation] ?? 0)] as const,
  );
  const total = counts.reduce((sum, [, count]) => sum + count, 0);
  return {
    requests: Object.fromEntries(
      counts.map(([operation, count]) => [operation, count / messages] as const),
    ),
    requestMs: (after.waitedMs - before.waitedMs) / total,
  };
}

function accountOf(group: number, participant: number): string {
  return `account${group}-${participant}`;
}

async function openGroup(edge: PeerServer, index: number): Promise<string> {
  const accounts = Array.from({ length: PARTICIPANTS }, (_, participant) =>
    accountOf(index, participant),
  );
  // An account is known once it has said something of itself.
  await Promise.all(
    accounts.map((account) => ask(edge, account, "PATCH", "/v1/me", { name: account })),
  );
  const { channel } = await ask(edge, accountOf(index, 0), "POST", "/v1/channels", {
    type: "group",
    title: `Group ${index}`,
    participants: accounts.map((account) => `account:${account}`),
  });
  return String(channel);
}

async function countMessages(edge: PeerServer, groups: readonly string[]): Promise<number> {
  let count = 0;
  for (const [index, group] of groups.entries()) {
    const { messages } = await ask(edge, accountOf(index, 0), "GET", `/v1/channels/${group}`);
    count += Number(messages);
  }
  return count;
}

async function ask(
  { port, token }: PeerServer,
  account: string,
  method: string,
  path: string,
  body?: object,
): Promise<Record<string, unknown>> {
  const response = await fetch(`http://127.0.0.1:${port}${path}`, {
    method,
    headers: { authorization: `Bearer ${token(account)}`, "content-type": "application/json" },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`${method} ${path} answered ${response.status}: ${text}`);
  return JSON.parse(text) as Record<string, unknown>;
}
