import { beforeNothing } from "../functions/function-files.ts";
import { startWithFunctions, withServers } from "../functions/function-server.ts";
import { withRuns } from "../functions/server-metrics.ts";
import { startLoad } from "../load/load.ts";
import { startAnywire } from "../peers/anywire.ts";
import type { PeerServer } from "../peers/peer.ts";
import { PLATFORM } from "../peers/tokens.ts";
import type { BenchContext } from "./bench-context.ts";
import {
  type CostedSeries,
  costed,
  costedSeries,
  pacedPublishers,
  takeTurns,
} from "./paced-series.ts";

const PER_SECOND = 1000;
const WARM_UP_MS = 300;

/** How long a publish takes with and without a function in its way. */
export interface FunctionsBeforeResult {
  readonly perSecond: number;
  /** A server without functions. */
  readonly without: CostedSeries;
  /** One with a function before every message that does nothing. */
  readonly with: CostedSeries;
}

/** A no-op in the way of every message, and a server without functions, at the same steady rate. */
export async function measureFunctionsBefore(
  context: BenchContext,
): Promise<FunctionsBeforeResult> {
  const forMs = context.isQuick ? 1000 : 2000;
  const rounds = context.isQuick ? 4 : 16;
  const code = { nothing: beforeNothing(`${PLATFORM}.group.*`) };
  const load = startLoad();
  try {
    return await withServers(
      { without: () => startAnywire({}), with: () => startWithFunctions(code) },
      async (servers) => {
        const paced = (server: PeerServer) => () =>
          costed(server, () =>
            load.call("publishPaced", {
              port: server.port,
              publishers: pacedPublishers(server),
              perSecond: PER_SECOND,
              warmUpMs: WARM_UP_MS,
              forMs,
            }),
          );
        const withFunction = paced(servers.with);
        const takes = {
          without: paced(servers.without),
          with: () => withRuns(servers.with, "nothing", ({ sent }) => sent, withFunction),
        };
        const runs = await takeTurns(rounds, takes, (round) =>
          context.progress(`a function before messages: round ${round} of ${rounds}`),
        );
        return {
          perSecond: PER_SECOND,
          without: costedSeries(runs.without),
          with: costedSeries(runs.with),
        };
      },
    );
  } finally {
    await load.close();
  }
}
