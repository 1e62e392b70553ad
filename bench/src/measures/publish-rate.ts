import { type Load, startLoad } from "../load/load.ts";
import { startAnywire } from "../peers/anywire.ts";
import type { PeerServer } from "../peers/peer.ts";
import { PLATFORM } from "../peers/tokens.ts";
import { median } from "../statistics.ts";
import type { BenchContext } from "./bench-context.ts";

const PUBLISHERS = [1, 100] as const;
const WARM_UP_MS = 300;

/** How many messages a second are acknowledged, each one on disk by then (`synchronous=FULL`). */
export interface PublishRateResult {
  readonly publishers: number;
  /** Whether messages that wait together share a commit, as they do unless it is switched off. */
  readonly groupCommit: boolean;
  readonly perSecond: number;
  /** Every round. */
  readonly rounds: readonly number[];
}

/** Anywire with and without group commit; each publisher waits for its acknowledgement before it sends again. */
export async function measurePublishRate(context: BenchContext): Promise<PublishRateResult[]> {
  const load = startLoad();
  const servers: PeerServer[] = [];
  try {
    for (const groupCommit of [true, false]) servers.push(await startAnywire({ groupCommit }));
    const [grouped, single] = servers as [PeerServer, PeerServer];
    return await compare(context, load, { grouped, single });
  } finally {
    await load.close();
    await Promise.all(servers.map((server) => server.stop()));
  }
}

async function compare(
  { isQuick, progress }: BenchContext,
  load: Load,
  { grouped, single }: { readonly grouped: PeerServer; readonly single: PeerServer },
): Promise<PublishRateResult[]> {
  const rounds = isQuick ? 2 : 4;
  const forMs = isQuick ? 600 : 1500;
  const runs = PUBLISHERS.flatMap((publishers) => [
    { server: grouped, groupCommit: true, publishers, rates: [] as number[] },
    { server: single, groupCommit: false, publishers, rates: [] as number[] },
  ]);
  for (let round = 1; round <= rounds; round += 1) {
    progress(`durable publishing: round ${round} of ${rounds}`);
    for (const { server, publishers, rates } of runs) {
      rates.push(await publishedPerSecond(load, server, publishers, forMs));
    }
  }
  return runs.map(({ publishers, groupCommit, rates }) => ({
    publishers,
    groupCommit,
    perSecond: median(rates),
    rounds: rates,
  }));
}

async function publishedPerSecond(
  load: Load,
  { port, token }: PeerServer,
  publishers: number,
  forMs: number,
): Promise<number> {
  const { acknowledged, wallMs } = await load.call("publish", {
    port,
    publishers: Array.from({ length: publishers }, (_, index) => ({
      token: token(`publisher${index}`),
      channels: [`${PLATFORM}.group.publisher${index}`],
    })),
    warmUpMs: WARM_UP_MS,
    forMs,
  });
  return acknowledged / (wallMs / 1000);
}
