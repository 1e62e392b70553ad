import type { PeerName } from "../peers/peer.ts";
import { cpuSeconds } from "../processes/process-usage.ts";
import { median } from "../statistics.ts";
import type { BenchContext } from "./bench-context.ts";
import { type RunningPeer, withPeers } from "./running-peer.ts";

const CONNECTIONS = [500, 5000] as const;
const MODES = { sparse: 1, burst: 10 } as const;

/** Until just-in-time compilers have seen enough. */
const WARM_UP_MS = 2000;

/** `sparse`: one message in a turn of the server's event loop; `burst`: ten. */
export type FanoutMode = keyof typeof MODES;

/** What it costs a server to hand messages to everyone on a channel. */
export interface FanoutResult {
  readonly peer: PeerName;
  readonly connections: number;
  readonly mode: FanoutMode;
  /** The median of the rounds. */
  readonly deliveriesPerCpuSecond: number;
  /** Every round. */
  readonly rounds: readonly number[];
  readonly framesPerDelivery: number;
  readonly bytesPerDelivery: number;
}

interface Sample {
  readonly deliveriesPerCpuSecond: number;
  readonly framesPerDelivery: number;
  readonly bytesPerDelivery: number;
}

/**
 * Deliveries per second of the server's processor time. A turn begins when the one before was delivered to all, so no
 * peer gains by falling behind. Rounds go from peer to peer, so that a busy moment of the machine hits all alike.
 */
export async function measureFanout(context: BenchContext): Promise<FanoutResult[]> {
  const results: FanoutResult[] = [];
  for (const connections of context.isQuick ? CONNECTIONS.slice(0, 1) : CONNECTIONS) {
    context.progress(`fan-out to ${connections} connections`);
    results.push(
      ...(await withPeers(context.peers, (running) => compare(context, running, connections))),
    );
  }
  return results;
}

async function compare(
  { isQuick, progress }: BenchContext,
  running: readonly RunningPeer[],
  connections: number,
): Promise<FanoutResult[]> {
  // Many short rounds: on a shared machine the processor's speed changes from second to second.
  const rounds = isQuick ? 3 : 15;
  const forMs = isQuick ? 500 : 400;
  for (const { load, connect } of running) {
    await connect(connections, 0);
    await load.call("verify", 1, MODES.burst);
  }
  const series = (Object.keys(MODES) as FanoutMode[]).flatMap((mode) =>
    running.map((peer) => ({ mode, peer, samples: [] as Sample[] })),
  );
  for (const { mode, peer } of series) await runOnce(peer, MODES[mode], isQuick ? 250 : WARM_UP_MS);
  for (let round = 1; round <= rounds; round += 1) {
    progress(`fan-out to ${connections} connections: round ${round} of ${rounds}`);
    for (const { mode, peer, samples } of series) {
      samples.push(await runOnce(peer, MODES[mode], forMs));
    }
  }
  return series.map(({ mode, peer, samples }) => ({
    peer: peer.peer.name,
    connections,
    mode,
    ...summary(samples),
  }));
}

async function runOnce(
  { server, load }: RunningPeer,
  perTurn: number,
  forMs: number,
): Promise<Sample> {
  const before = cpuSeconds(server.pid);
  const { deliveries, frames, bytes } = await load.call("turns", perTurn, 0, forMs);
  const seconds = cpuSeconds(server.pid) - before;
  return {
    deliveriesPerCpuSecond: deliveries / seconds,
    framesPerDelivery: frames / deliveries,
    bytesPerDelivery: bytes / deliveries,
  };
}

function summary(samples: readonly Sample[]): Omit<FanoutResult, "peer" | "connections" | "mode"> {
  const rounds = samples.map(({ deliveriesPerCpuSecond }) => deliveriesPerCpuSecond);
  return {
    deliveriesPerCpuSecond: median(rounds),
    rounds,
    framesPerDelivery: median(samples.map(({ framesPerDelivery }) => framesPerDelivery)),
    bytesPerDelivery: median(samples.map(({ bytesPerDelivery }) => bytesPerDelivery)),
  };
}
