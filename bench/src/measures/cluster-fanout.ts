import { type Cluster, withCluster } from "../cluster/cluster.ts";
import { type Load, startLoad } from "../load/load.ts";
import { anywire } from "../peers/anywire.ts";
import { cpuSeconds } from "../processes/process-usage.ts";
import { untilQuiet } from "../processes/until-quiet.ts";
import { median } from "../statistics.ts";
import type { BenchContext, ClusterContext } from "./bench-context.ts";
import type { FanoutMode } from "./fanout.ts";
import { benchClients, SHARED_CHANNEL, withPeers } from "./running-peer.ts";

/** The fewer there are, the more of a message's cost is its way through the log. */
const CONNECTIONS = 500;
const MODES: Readonly<Record<FanoutMode, number>> = { sparse: 1, burst: 10 };
const WARM_UP_MS = 2000;

/**
 * Who hands messages to its connections. `embedded`: one process with everything in it. `publisher`: the edge of a cluster
 * that the publisher is on. `other`: an edge that only hears.
 */
export type FanoutNode = "embedded" | "publisher" | "other";

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

/** A server with connections, and how many deliveries it makes of a second of processor time. */
type Sample = Partial<Record<FanoutNode, number>>;

interface Series {
  readonly mode: FanoutMode;
  readonly samples: Sample[];
  /** Publishes for a while. */
  run(forMs: number): Promise<Sample>;
}

/**
 * Two edges, one NATS server, a projector in a process of its own: all on one channel, half of them on each edge. In the same
 * rounds one process with the embedded engine does the same for as many connections as one edge has.
 */
export async function measureClusterFanout(
  context: ClusterContext,
): Promise<ClusterFanoutResult[]> {
  context.progress("fan-out of two edges: starting");
  return withPeers([anywire], ([embedded]) =>
    withCluster(context.programs, { edges: 2 }, async (cluster) => {
      if (embedded === undefined) throw new Error("there is no server with the embedded engine");
      const load = startLoad();
      try {
        await embedded.connect(CONNECTIONS, 0);
        await connect(cluster, load);
        const { pid } = embedded.server;
        const [publisher, other] = cluster.edges.map((edge) => edge.pid) as [number, number];
        const series = (Object.keys(MODES) as FanoutMode[]).flatMap((mode): Series[] => [
          { mode, samples: [], run: (ms) => runOnce(embedded.load, { embedded: pid }, mode, ms) },
          { mode, samples: [], run: (ms) => runOnce(load, { publisher, other }, mode, ms) },
        ]);
        await embedded.load.call("verify", 1, MODES.burst);
        await load.call("verify", 1, MODES.burst);
        await takeRounds(context, series, cluster);
        return series.flatMap(summaries);
      } finally {
        await load.close();
      }
    }),
  );
}

async function connect({ edges }: Cluster, load: Load): Promise<void> {
  const [first, second] = edges;
  if (first === undefined || second === undefined) throw new Error("there are no two edges");
  await load.call("connect", {
    ports: [first.port, second.port],
    wire: "centrifuge",
    channel: SHARED_CHANNEL,
    clients: benchClients(first, 2 * CONNECTIONS, 0),
  });
}

async function takeRounds(
  { isQuick, progress }: BenchContext,
  series: readonly Series[],
  { projector }: Cluster,
): Promise<void> {
  const rounds = isQuick ? 3 : 15;
  for (const one of series) await one.run(isQuick ? 250 : WARM_UP_MS);
  for (let round = 1; round <= rounds; round += 1) {
    progress(`fan-out of two edges: round ${round} of ${rounds}`);
    for (const one of series) {
      // What the cluster still has to project is no neighbour for the other one.
      await untilQuiet([projector.pid]);
      one.samples.push(await one.run(isQuick ? 500 : 400));
    }
  }
}

async function runOnce(
  load: Load,
  pids: Partial<Record<FanoutNode, number>>,
  mode: FanoutMode,
  forMs: number,
): Promise<Sample> {
  const nodes = Object.entries(pids);
  const before = nodes.map(([, pid]) => cpuSeconds(pid));
  const { deliveries } = await load.call("turns", MODES[mode], 0, forMs);
  return Object.fromEntries(
    nodes.map(([node, pid], index) => {
      const seconds = cpuSeconds(pid) - (before[index] ?? Number.NaN);
      return [node, deliveries / nodes.length / seconds];
    }),
  );
}

function summaries({ mode, samples }: Series): ClusterFanoutResult[] {
  const nodes = Object.keys(samples[0] ?? {}) as FanoutNode[];
  return nodes.map((node) => {
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
