import type { PeerName } from "../peers/peer.ts";
import { median } from "../statistics.ts";
import type { BenchContext } from "./bench-context.ts";
import { type RunningPeer, withPeers } from "./running-peer.ts";

const CONNECTIONS = 500;
const TURNS_AHEAD = 64;

/** How long a message takes to its subscribers while the server has half of the work that it can do. */
export interface LatencyResult {
  readonly peer: PeerName;
  readonly connections: number;
  /** Messages per second at half load. */
  readonly messagesPerSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

/** Finds the highest rate of each peer, then publishes steadily at half of it. */
export async function measureLatency(context: BenchContext): Promise<LatencyResult[]> {
  const results: LatencyResult[] = [];
  for (const peer of context.peers) {
    context.progress(`delivery time of ${peer.title}`);
    results.push(await withPeers([peer], ([running]) => measure(running as RunningPeer, context)));
  }
  return results;
}

async function measure(
  { peer, load, connect }: RunningPeer,
  { isQuick }: BenchContext,
): Promise<LatencyResult> {
  const forMs = isQuick ? 1000 : 3000;
  await connect(CONNECTIONS, 0);
  await load.call("turns", 1, TURNS_AHEAD, forMs / 3);
  const { messages, wallMs } = await load.call("turns", 1, TURNS_AHEAD, forMs / 2);
  const messagesPerSecond = messages / (wallMs / 1000) / 2;
  const runs = [];
  for (let round = 0; round < 3; round += 1) {
    runs.push(await load.call("pace", messagesPerSecond, forMs / 2));
  }
  return {
    peer: peer.name,
    connections: CONNECTIONS,
    messagesPerSecond,
    p50Ms: median(runs.map(({ p50Ms }) => p50Ms)),
    p99Ms: median(runs.map(({ p99Ms }) => p99Ms)),
  };
}
