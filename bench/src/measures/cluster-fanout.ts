import { type Cluster, withCluster } from "../cluster/cluster.ts";
import { type Load, startLoad } from "../load/load.ts";
import { startAnywire } from "../peers/anywire.ts";
import type { PeerServer } from "../peers/peer.ts";
import { createEs256Tokens } from "../peers/tokens.ts";
import { cpuSeconds } from "../processes/process-usage.ts";
import { untilQuiet } from "../processes/until-quiet.ts";
import { median } from "../statistics.ts";
import type { ClusterContext } from "./bench-context.ts";
import type { FanoutMode } from "./fanout.ts";
import { benchClients, SHARED_CHANNEL } from "./running-peer.ts";

/** The fewer there are, the more of a message's cost is its way through the log. */
const CONNECTIONS = 500;
const MODES: Readonly<Record<FanoutMode, number>> = { sparse: 1, burst: 10 };
const WARM_UP_MS = 2000;

/**
 * Who hands messages to its connections. `alone`: one process with everything in it. `embedded`: two of them at the same
 * time. `publisher`: the edge of a cluster that the publisher is on. `other`: an edge that only hears.
 */
export type FanoutNode = "alone" | "embedded" | "publisher" | "other";

/** What it costs an edge of a cluster to hand messages to everyone on a channel. */
export interface ClusterFanoutResult {
  readonly node: FanoutNode;
  readonly mode: FanoutMode;
  /** Of this node. */
  readonly connections: number;
  /** This node's deliveries for a second of its own processor time; the median of the rounds. */
  readonly deliveriesPerCpuSecond: number;
  /** Every round. */
  readonly rounds: readonly number[];
}

/** How many deliveries each node makes of a second of processor time. */
type Sample = Partial<Record<FanoutNode, number>>;

/** Processes that hand out at the same time, as many deliveries each, and the process that has their connections. */
interface Target {
  readonly servers: readonly PeerServer[];
  /** What the processes are, in their order. */
  readonly nodes: readonly FanoutNode[];
  /** How many of them are told each message by a client of theirs. */
  readonly publishers: number;
  readonly load: Load;
}

interface Series extends Target {
  readonly mode: FanoutMode;
  readonly samples: Sample[];
}

/**
 * Two edges, one NATS server, a projector in a process of its own: all on one channel, half of them on each edge. In the same
 * rounds two processes with the embedded engine do the same for as many connections. An edge is compared with those: where
 * more processes are busy than there are processors, each write to a socket costs more, whatever the engine. What one
 * process makes of its time with nothing beside it is measured as well, to show how much that is.
 */
export async function measureClusterFanout(
  context: ClusterContext,
): Promise<ClusterFanoutResult[]> {
  context.progress("fan-out of two edges: starting");
  const tokens = createEs256Tokens();
  const embedded: PeerServer[] = [];
  const loads: Load[] = [];
  const load = (): Load => {
    const started = startLoad();
    loads.push(started);
    return started;
  };
  try {
    while (embedded.length < 3) embedded.push(await startAnywire({ tokens }));
    return await withCluster(context.programs, { edges: 2 }, async (cluster) => {
      const [alone, ...two] = embedded;
      if (alone === undefined) throw new Error("there is no server with the embedded engine");
      const targets: readonly Target[] = [
        { servers: [alone], nodes: ["alone"], publishers: 1, load: load() },
        { servers: two, nodes: ["embedded", "embedded"], publishers: 2, load: load() },
        { servers: cluster.edges, nodes: ["publisher", "other"], publishers: 1, load: load() },
      ];
      for (const target of targets) await connect(target);
      return await takeRounds(context, targets, cluster);
    });
  } finally {
    await Promise.all(loads.map((one) => one.close()));
    await Promise.all(embedded.map((server) => server.stop()));
  }
}

async function connect({ servers, publishers, load }: Target): Promise<void> {
  const [first, ...others] = servers;
  if (first === undefined) throw new Error("there is no server to connect to");
  await load.call("connect", {
    ports: [first.port, ...others.map(({ port }) => port)],
    wire: "centrifuge",
    channel: SHARED_CHANNEL,
    clients: benchClients(first, servers.length * CONNECTIONS, 0),
    publishers,
  });
  await load.call("verify", 1, MODES.burst);
}

async function takeRounds(
  { isQuick, progress }: ClusterContext,
  targets: readonly Target[],
  { projector }: Cluster,
): Promise<ClusterFanoutResult[]> {
  const rounds = isQuick ? 3 : 15;
  const series = (Object.keys(MODES) as FanoutMode[]).flatMap((mode) =>
    targets.map((target): Series => ({ ...target, mode, samples: [] })),
  );
  for (const one of series) await runOnce(one, isQuick ? 250 : WARM_UP_MS);
  for (let round = 1; round <= rounds; round += 1) {
    progress(`fan-out of two edges: round ${round} of ${rounds}`);
    for (const one of series) {
      // What the cluster still has to project is no neighbour for the other ones.
      await untilQuiet([projector.pid]);
      one.samples.push(await runOnce(one, isQuick ? 500 : 400));
    }
  }
  return series.flatMap(summaries);
}

async function runOnce({ servers, nodes, load, mode }: Series, forMs: number): Promise<Sample> {
  const before = servers.map(({ pid }) => cpuSeconds(pid));
  const { deliveries } = await load.call("turns", MODES[mode], 0, forMs);
  const used = servers.map(({ pid }, index) => cpuSeconds(pid) - (before[index] ?? Number.NaN));
  const secondsOf = (node: FanoutNode): readonly number[] =>
    used.filter((_, index) => nodes[index] === node);
  return Object.fromEntries(
    [...new Set(nodes)].map((node) => {
      const seconds = secondsOf(node);
      const own = (deliveries * seconds.length) / servers.length;
      return [node, own / seconds.reduce((sum, one) => sum + one, 0)];
    }),
  );
}

function summaries({ nodes, mode, samples }: Series): ClusterFanoutResult[] {
  return [...new Set(nodes)].map((node) => {
    const rounds = samples.map((sample) => sample[node] ?? Number.NaN);
    return {
      node,
      mode,
      connections: CONNECTIONS,
      deliveriesPerCpuSecond: median(rounds),
      rounds,
    };
  });
}
