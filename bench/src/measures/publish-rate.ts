import { type Load, startLoad } from "../load/load.ts";
import { startAnywire } from "../peers/anywire.ts";
import { startAnsweringWs } from "../peers/node-peers.ts";
import type { PeerServer } from "../peers/peer.ts";
import { PLATFORM } from "../peers/tokens.ts";
import { median } from "../statistics.ts";
import type { BenchContext } from "./bench-context.ts";

const PUBLISHERS = [1, 100] as const;
const WARM_UP_MS = 300;

/**
 * What is on disk when a message is acknowledged. `grouped`: messages that wait together share a commit, as
 * they do unless it is switched off. `single`: each has its own. `none`: nothing, by a bare `ws` server that
 * only answers.
 */
export type Commits = "grouped" | "single" | "none";

/** How many messages a second are acknowledged, on disk by then (`synchronous=FULL`) as `commits` says. */
export interface PublishRateResult {
  readonly publishers: number;
  readonly commits: Commits;
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
    servers.push(await startAnsweringWs());
    const [grouped, single, none] = servers as [PeerServer, PeerServer, PeerServer];
    return await compare(context, load, { grouped, single, none });
  } finally {
    await load.close();
    await Promise.all(servers.map((server) => server.stop()));
  }
}

async function compare(
  { isQuick, progress }: BenchContext,
  load: Load,
  servers: Readonly<Record<Commits, PeerServer>>,
): Promise<PublishRateResult[]> {
  const rounds = isQuick ? 2 : 4;
  const forMs = isQuick ? 600 : 1500;
  const runs = PUBLISHERS.flatMap((publishers) =>
    (Object.keys(servers) as Commits[]).map((commits) => {
      return { server: servers[commits], commits, publishers, rates: [] as number[] };
    }),
  );
  for (let round = 1; round <= rounds; round += 1) {
    progress(`durable publishing: round ${round} of ${rounds}`);
    for (const { server, publishers, rates } of runs) {
      rates.push(await publishedPerSecond(load, server, publishers, forMs));
    }
  }
  return runs.map(({ publishers, commits, rates }) => ({
    publishers,
    commits,
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
    pids: [],
  });
  return acknowledged / (wallMs / 1000);
}
