import { withCluster } from "../cluster/cluster.ts";
import { type Load, startLoad } from "../load/load.ts";
import { startAnywire } from "../peers/anywire.ts";
import type { PeerServer } from "../peers/peer.ts";
import { PLATFORM } from "../peers/tokens.ts";
import { untilQuiet } from "../processes/until-quiet.ts";
import { median } from "../statistics.ts";
import type { ClusterContext } from "./bench-context.ts";

const PUBLISHERS = [1, 100] as const;
const WARM_UP_MS = 500;

/**
 * What holds a message when it is acknowledged. `embedded`: SQLite with `synchronous=FULL`, on disk. `jetstream`: one NATS
 * server's file, which it flushes every two minutes. `jetstream-always`: the same, on disk.
 */
export type ClusterStorage = "embedded" | "jetstream" | "jetstream-always";

/** How many messages a second are acknowledged through one edge. */
export interface ClusterPublishResult {
  readonly publishers: number;
  readonly storage: ClusterStorage;
  readonly perSecond: number;
  /** Every round. */
  readonly rounds: readonly number[];
  /** Processor time of the process that the publishers are connected to, for a message, µs. */
  readonly edgeMicros: number;
  /** That of the NATS server; absent without one. */
  readonly natsMicros?: number;
}

/** A process with publishers, and the one that stores for it. */
interface Target {
  readonly storage: ClusterStorage;
  readonly server: PeerServer;
  readonly pids: readonly number[];
}

interface Series extends Target {
  readonly publishers: number;
  readonly rates: number[];
  /** Of each process, µs. */
  readonly micros: number[][];
}

/**
 * Each publisher waits for its acknowledgement before it sends again, on a channel of its own. The cluster is one edge and one
 * NATS server: its projector has begun the state and is stopped, since it would be on another machine, and here it would take
 * the processor from what is measured.
 */
export async function measureClusterPublish(
  context: ClusterContext,
): Promise<ClusterPublishResult[]> {
  context.progress("publishing through an edge: starting");
  const one = { edges: 1 };
  const always = { ...one, alwaysFlushes: true };
  return withCluster(context.programs, one, (jetstream) =>
    withCluster(context.programs, always, async (flushing) => {
      await Promise.all([jetstream.projector.stop(), flushing.projector.stop()]);
      const embedded = await startAnywire({});
      const load = startLoad();
      try {
        return await compare(context, load, [
          { storage: "embedded", server: embedded, pids: [embedded.pid] },
          target("jetstream", jetstream.edges[0], jetstream.nats.pid),
          target("jetstream-always", flushing.edges[0], flushing.nats.pid),
        ]);
      } finally {
        await load.close();
        await embedded.stop();
      }
    }),
  );
}

function target(storage: ClusterStorage, server: PeerServer | undefined, natsPid: number): Target {
  if (server === undefined) throw new Error("there is no edge");
  return { storage, server, pids: [server.pid, natsPid] };
}

async function compare(
  { isQuick, progress }: ClusterContext,
  load: Load,
  targets: readonly Target[],
): Promise<ClusterPublishResult[]> {
  const rounds = isQuick ? 3 : 6;
  const forMs = isQuick ? 600 : 1500;
  const series = PUBLISHERS.flatMap((publishers) =>
    targets.map((one): Series => ({ ...one, publishers, rates: [], micros: [] })),
  );
  // Until just-in-time compilers have seen enough.
  for (const one of series.toReversed()) await publish(load, one, isQuick ? 500 : 2000);
  for (let round = 1; round <= rounds; round += 1) {
    progress(`publishing through an edge: round ${round} of ${rounds}`);
    for (const one of series) {
      await untilQuiet(targets.flatMap(({ pids }) => pids));
      const { acknowledged, wallMs, cpuSeconds } = await publish(load, one, forMs);
      one.rates.push(acknowledged / (wallMs / 1000));
      one.micros.push(cpuSeconds.map((seconds) => (seconds / acknowledged) * 1e6));
    }
  }
  return series.map(summary);
}

function publish(load: Load, { server, publishers, pids }: Series, forMs: number) {
  return load.call("publish", {
    port: server.port,
    publishers: Array.from({ length: publishers }, (_, index) => ({
      token: server.token(`publisher${index}`),
      channels: [`${PLATFORM}.group.publisher${index}`],
    })),
    warmUpMs: WARM_UP_MS,
    forMs,
    pids,
  });
}

function summary({ publishers, storage, pids, rates, micros }: Series): ClusterPublishResult {
  const [edgeMicros = Number.NaN, natsMicros] = pids.map((_, process) =>
    median(micros.map((round) => round[process] ?? Number.NaN)),
  );
  return {
    publishers,
    storage,
    perSecond: median(rates),
    rounds: rates,
    edgeMicros,
    ...(natsMicros === undefined ? {} : { natsMicros }),
  };
}
