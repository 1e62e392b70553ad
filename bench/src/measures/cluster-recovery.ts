import { type Cluster, withCluster } from "../cluster/cluster.ts";
import { type Load, startLoad } from "../load/load.ts";
import { PLATFORM } from "../peers/tokens.ts";
import { cpuSeconds } from "../processes/process-usage.ts";
import { untilQuiet } from "../processes/until-quiet.ts";
import { median } from "../statistics.ts";
import type { ClusterContext } from "./bench-context.ts";

const CLIENTS = 1000;
const MISSED = 100;

/** How long it takes until all who were on another edge have everything, each from a channel of its own. */
export interface ClusterRecoveryResult {
  readonly clients: number;
  readonly missed: number;
  /** From the first connect to the last message, all clients coming back at once, ms. */
  readonly wallMs: number;
  /** The edge's processor time for it, seconds. */
  readonly edgeSeconds: number;
  /** That of the NATS server, seconds. */
  readonly natsSeconds: number;
  /** Every round, ms. */
  readonly rounds: readonly number[];
}

interface Sample {
  readonly wallMs: number;
  readonly edgeSeconds: number;
  readonly natsSeconds: number;
}

/**
 * Clients with a channel each lose their edge, miss messages that are published there, and come back to another edge, which has
 * never heard of their channels: all of it comes out of the log.
 */
export async function measureClusterRecovery(
  context: ClusterContext,
): Promise<ClusterRecoveryResult> {
  const rounds = context.isQuick ? 2 : 5;
  const samples: Sample[] = [];
  const load = startLoad();
  try {
    await withCluster(context.programs, { edges: 2 }, async (cluster) => {
      for (let round = 1; round <= rounds; round += 1) {
        context.progress(`recovery at another edge: round ${round} of ${rounds}`);
        samples.push(await runOnce(cluster, load, round));
      }
    });
  } finally {
    await load.close();
  }
  return {
    clients: CLIENTS,
    missed: MISSED,
    wallMs: median(samples.map(({ wallMs }) => wallMs)),
    edgeSeconds: median(samples.map(({ edgeSeconds }) => edgeSeconds)),
    natsSeconds: median(samples.map(({ natsSeconds }) => natsSeconds)),
    rounds: samples.map(({ wallMs }) => wallMs),
  };
}

async function runOnce(
  { edges, nats, projector }: Cluster,
  load: Load,
  round: number,
): Promise<Sample> {
  const [left, found] = edges;
  if (left === undefined || found === undefined) throw new Error("there are no two edges");
  const clients = Array.from({ length: CLIENTS }, (_, index) => ({
    token: left.token(`account${index}`),
    channel: `${PLATFORM}.group.round${round}-${index}`,
  }));
  const positions = await load.call("leaveBehind", { port: left.port, clients, missed: MISSED });
  await untilQuiet([left.pid, found.pid, nats.pid, projector.pid]);
  const before = [cpuSeconds(found.pid), cpuSeconds(nats.pid)] as const;
  const comeBack = { port: found.port, clients, missed: MISSED };
  const { wallMs } = await load.call("comeBack", comeBack, positions);
  return {
    wallMs,
    edgeSeconds: cpuSeconds(found.pid) - before[0],
    natsSeconds: cpuSeconds(nats.pid) - before[1],
  };
}
