import type { PeerName } from "../peers/peer.ts";
import { PLATFORM } from "../peers/tokens.ts";
import { cpuSeconds } from "../processes/process-usage.ts";
import { median } from "../statistics.ts";
import type { BenchContext } from "./bench-context.ts";
import { type RunningPeer, withPeers } from "./running-peer.ts";

const CLIENTS = 1000;
const MISSED = 100;

/** How long it takes until everyone who was away has everything. */
export interface RecoveryResult {
  readonly peer: PeerName;
  readonly clients: number;
  readonly missed: number;
  /** From the first reconnect to the last message, all clients coming back at once, ms. */
  readonly wallMs: number;
  /** The server's processor time for it, seconds. */
  readonly cpuSeconds: number;
  /** Every round, ms. */
  readonly rounds: readonly number[];
}

/** A thousand clients lose their connection, miss a hundred messages and come back: for peers that can recover. */
export async function measureRecovery(context: BenchContext): Promise<RecoveryResult[]> {
  const peers = context.peers.filter(({ wire }) => wire === "centrifuge");
  return withPeers(peers, async (running) => {
    const rounds = context.isQuick ? 2 : 5;
    const samples = running.map((): { wallMs: number; cpu: number }[] => []);
    for (let round = 1; round <= rounds; round += 1) {
      context.progress(`recovery: round ${round} of ${rounds}`);
      for (const [index, peer] of running.entries()) {
        samples[index]?.push(await runOnce(peer, round));
      }
    }
    return running.map(({ peer }, index) => ({
      peer: peer.name,
      clients: CLIENTS,
      missed: MISSED,
      wallMs: median(samples[index]?.map(({ wallMs }) => wallMs) ?? []),
      cpuSeconds: median(samples[index]?.map(({ cpu }) => cpu) ?? []),
      rounds: samples[index]?.map(({ wallMs }) => wallMs) ?? [],
    }));
  });
}

async function runOnce({ server, load }: RunningPeer, round: number) {
  const options = {
    port: server.port,
    clients: Array.from({ length: CLIENTS }, (_, index) => ({
      token: server.token(`account${index}`),
      channel: `${PLATFORM}.group.round${round}`,
    })),
    missed: MISSED,
  };
  const positions = await load.call("leaveBehind", options);
  const before = cpuSeconds(server.pid);
  const { wallMs } = await load.call("comeBack", options, positions);
  return { wallMs, cpu: cpuSeconds(server.pid) - before };
}
