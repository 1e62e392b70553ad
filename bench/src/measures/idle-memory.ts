import { setTimeout as delay } from "node:timers/promises";
import type { PeerName } from "../peers/peer.ts";
import { residentBytes } from "../processes/process-usage.ts";
import type { BenchContext } from "./bench-context.ts";
import { isServer, type RunningPeer, withPeers } from "./running-peer.ts";

/** Connections of a full run. With fewer, what grows by steps (the heap, its spaces) weighs too much. */
export const IDLE_CONNECTIONS = 5000;
const QUICK_CONNECTIONS = 2000;
const SETTLE_MS = 3000;
const COLLECT_MS = 1000;

/** What a connection that only listens costs. */
export interface IdleMemoryResult {
  readonly peer: PeerName;
  readonly connections: number;
  /** The server's resident memory before the first connection, bytes. */
  readonly baseBytes: number;
  /** Resident memory that each connection added, as the server left it, bytes. */
  readonly bytesPerConnection: number;
  /** The same after a forced collection of garbage; absent where it can't be forced. */
  readonly collectedBytesPerConnection?: number;
}

/** Memory per connection that is authenticated and subscribed to two channels: a shared one and its own. */
export async function measureIdleMemory(context: BenchContext): Promise<IdleMemoryResult[]> {
  const results: IdleMemoryResult[] = [];
  const connections = context.isQuick ? QUICK_CONNECTIONS : IDLE_CONNECTIONS;
  for (const peer of context.peers.filter(isServer)) {
    context.progress(`memory of ${connections} idle connections to ${peer.title}`);
    results.push(
      await withPeers([peer], ([running]) => measure(running as RunningPeer, connections)),
    );
  }
  return results;
}

async function measure(
  { peer, server, connect }: RunningPeer,
  connections: number,
): Promise<IdleMemoryResult> {
  await delay(COLLECT_MS);
  const baseBytes = residentBytes(server.pid);
  await connect(connections, 1);
  await delay(SETTLE_MS);
  const perConnection = (): number => (residentBytes(server.pid) - baseBytes) / connections;
  const result = {
    peer: peer.name,
    connections,
    baseBytes,
    bytesPerConnection: perConnection(),
  };
  if (!peer.canCollectGarbage) return result;
  process.kill(server.pid, "SIGUSR2");
  await delay(COLLECT_MS);
  return { ...result, collectedBytesPerConnection: perConnection() };
}
