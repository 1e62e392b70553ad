import type { PeerName } from "../peers/peer.ts";
import { median } from "../statistics.ts";
import type { BenchContext } from "./bench-context.ts";
import { isServer, type RunningPeer, withPeers } from "./running-peer.ts";

const CONNECTIONS = 500;
const TURNS_AHEAD = 64;
const ROUNDS = 3;

/** How long messages take to their subscribers at a steady rate. */
export interface DeliveryTime {
  /** Messages per second, each to every connection. */
  readonly messagesPerSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

/** How long messages take while the server has work, but not all that it can do. */
export interface LatencyResult {
  readonly peer: PeerName;
  readonly connections: number;
  /** At half of the highest rate that this peer reached. */
  readonly ownHalf: DeliveryTime;
  /** At half of the highest rate of the slowest peer, the same for all. */
  readonly commonHalf: DeliveryTime;
}

/** Finds the highest rate of each peer, then publishes steadily at half of it, and at a rate that suits all. */
export function measureLatency(context: BenchContext): Promise<LatencyResult[]> {
  const forMs = context.isQuick ? 500 : 1500;
  return withPeers(context.peers.filter(isServer), async (running) => {
    const rates: number[] = [];
    for (const peer of running) {
      context.progress(`delivery time: the highest rate of ${peer.peer.title}`);
      await peer.connect(CONNECTIONS, 0);
      rates.push(await highestRate(peer, forMs));
    }
    const common = Math.min(...rates) / 2;
    const results: LatencyResult[] = [];
    for (const [index, peer] of running.entries()) {
      context.progress(`delivery time at half load: ${peer.peer.title}`);
      results.push({
        peer: peer.peer.name,
        connections: CONNECTIONS,
        ownHalf: await deliveryTime(peer, (rates[index] ?? Number.NaN) / 2, forMs),
        commonHalf: await deliveryTime(peer, common, forMs),
      });
    }
    return results;
  });
}

async function highestRate({ load }: RunningPeer, forMs: number): Promise<number> {
  await load.call("turns", 1, TURNS_AHEAD, forMs / 2);
  const { messages, wallMs } = await load.call("turns", 1, TURNS_AHEAD, forMs);
  return messages / (wallMs / 1000);
}

async function deliveryTime(
  { load }: RunningPeer,
  messagesPerSecond: number,
  forMs: number,
): Promise<DeliveryTime> {
  const runs = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    runs.push(await load.call("pace", messagesPerSecond, forMs));
  }
  return {
    messagesPerSecond,
    p50Ms: median(runs.map(({ p50Ms }) => p50Ms)),
    p99Ms: median(runs.map(({ p99Ms }) => p99Ms)),
  };
}
