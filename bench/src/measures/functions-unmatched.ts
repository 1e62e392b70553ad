import { afterNothing, beforeNothing, type FunctionCode } from "../functions/function-files.ts";
import { startWithFunctions, withServers } from "../functions/function-server.ts";
import { withRuns } from "../functions/server-metrics.ts";
import { type Load, startLoad } from "../load/load.ts";
import { startAnywire } from "../peers/anywire.ts";
import type { PeerServer } from "../peers/peer.ts";
import { PLATFORM } from "../peers/tokens.ts";
import { median } from "../statistics.ts";
import type { BenchContext } from "./bench-context.ts";
import {
  type CostedRun,
  type CostedSeries,
  costed,
  costedSeries,
  pacedPublishers,
  takeTurns,
} from "./paced-series.ts";

const FUNCTIONS = 1000;
const PER_SECOND = 1000;
const PUBLISHERS = 100;
const WARM_UP_MS = 300;

/** What a message costs that no function is bound to. */
export interface FunctionsUnmatchedResult {
  readonly functions: number;
  /** Of the steady rate. */
  readonly perSecond: number;
  /** Of the highest rate. */
  readonly publishers: number;
  /** A server without functions. */
  readonly without: UnmatchedSeries;
  /** One with functions for other channels. */
  readonly with: UnmatchedSeries;
}

/** Messages of one of the servers. */
export interface UnmatchedSeries {
  /** At a steady rate. */
  readonly paced: CostedSeries;
  /** Messages acknowledged a second, when each publisher sends again as soon as it may. */
  readonly acknowledgedPerSecond: number;
  /** Every round. */
  readonly rates: readonly number[];
}

interface UnmatchedRun {
  readonly paced: CostedRun;
  readonly rate: number;
}

/** The same messages to a server without functions and to one with a thousand, none of them for these messages. */
export async function measureFunctionsUnmatched(
  context: BenchContext,
): Promise<FunctionsUnmatchedResult> {
  const forMs = context.isQuick ? 1000 : 2000;
  const rounds = context.isQuick ? 4 : 12;
  context.progress(`messages without a function: starting with ${FUNCTIONS} for others`);
  const load = startLoad();
  try {
    return await withServers(
      { without: () => startAnywire({}), with: () => startWithFunctions(functionsForOthers()) },
      async (servers) => {
        const once = (server: PeerServer) => () => publishBothWays(load, server, forMs);
        const takes = { without: once(servers.without), with: once(servers.with) };
        const turns = () =>
          takeTurns(rounds, takes, (round) =>
            context.progress(`messages without a function: round ${round} of ${rounds}`),
          );
        const runs = await withRuns(servers.with, "", () => 0, turns);
        return {
          functions: FUNCTIONS,
          perSecond: PER_SECOND,
          publishers: PUBLISHERS,
          without: series(runs.without),
          with: series(runs.with),
        };
      },
    );
  } finally {
    await load.close();
  }
}

/** Half of them run before something and half after; half are bound to one channel each, half to all of a channel type. */
function functionsForOthers(): FunctionCode {
  const numbers = Array.from({ length: FUNCTIONS }, (_, index) => index);
  return Object.fromEntries(
    numbers.map((number) => {
      const isOneChannel = number % 4 < 2;
      const pattern = isOneChannel ? `${PLATFORM}.group.other${number}` : `*.other${number}.*`;
      return number % 2 === 0
        ? [`before${number}`, beforeNothing(pattern)]
        : [`after${number}`, afterNothing(pattern)];
    }),
  );
}

async function publishBothWays(
  load: Load,
  server: PeerServer,
  forMs: number,
): Promise<UnmatchedRun> {
  const common = { port: server.port, warmUpMs: WARM_UP_MS, forMs };
  const paced = await costed(server, () =>
    load.call("publishPaced", {
      ...common,
      publishers: pacedPublishers(server),
      perSecond: PER_SECOND,
    }),
  );
  const { acknowledged, wallMs } = await load.call("publish", {
    ...common,
    publishers: Array.from({ length: PUBLISHERS }, (_, index) => ({
      token: server.token(`publisher${index}`),
      channels: [`${PLATFORM}.group.publisher${index}`],
    })),
    pids: [],
  });
  return { paced, rate: (acknowledged / wallMs) * 1000 };
}

function series(runs: readonly UnmatchedRun[]): UnmatchedSeries {
  const rates = runs.map(({ rate }) => rate);
  return {
    paced: costedSeries(runs.map(({ paced }) => paced)),
    acknowledgedPerSecond: median(rates),
    rates,
  };
}
