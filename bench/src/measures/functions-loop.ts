import { beforeNothing, endlessLoop } from "../functions/function-files.ts";
import { startWithFunctions } from "../functions/function-server.ts";
import { readMetric, withRuns } from "../functions/server-metrics.ts";
import { type Load, startLoad } from "../load/load.ts";
import type { PacedRun } from "../load/paced-publish.ts";
import type { PeerServer } from "../peers/peer.ts";
import { PLATFORM } from "../peers/tokens.ts";
import type { BenchContext } from "./bench-context.ts";
import {
  type PacedSeries,
  pacedChannels,
  pacedPublishers,
  pacedSeries,
  takeTurns,
} from "./paced-series.ts";

const PER_SECOND = 1000;
const WARM_UP_MS = 300;
const DEADLINE_MS = 500;
const EVERY_MS = 1000;
/** For how long a loop has a processor busy: until its deadline, while its worker could still hear of it, and while another is started. */
const BUSY_MS = 700;
const FAILED = "anywire_function_errors_total";
const REPLACED = "anywire_function_workers_replaced_total";
const LOOPING = `${PLATFORM}.group.loop`;
/** Channels of the messages that are timed: those of one kind have a function each. */
const CHANNELS = { unbound: pacedChannels("unbound"), bound: pacedChannels("bound") };
const CODE = {
  loop: endlessLoop(LOOPING, DEADLINE_MS),
  ...Object.fromEntries(
    CHANNELS.bound.map((channel, index) => [`nothing${index}`, beforeNothing(channel)]),
  ),
};

/** What goes on beside the messages that are timed. */
export type Beside = "nothing" | "process" | "loop";

/** What an endless loop in a function does to messages on other channels. */
export interface FunctionsLoopResult {
  readonly perSecond: number;
  readonly deadlineMs: number;
  readonly everyMs: number;
  /** On channels without functions. */
  readonly unbound: Readonly<Record<Beside, PacedSeries>>;
  /** On channels with a function of their own that does nothing. */
  readonly bound: Readonly<Record<Beside, PacedSeries>>;
  readonly loops: EndedLoops;
}

/** What became of the loops. */
export interface EndedLoops {
  /** Messages that made the function loop. */
  readonly begun: number;
  /** Runs that failed. */
  readonly failed: number;
  /** Workers that were ended. */
  readonly replaced: number;
  /** From such a message to its refusal: the median over rounds, and the longest of all. */
  readonly p50Ms: number;
  readonly longestMs: number;
}

type Timed = keyof typeof CHANNELS;

interface LoopRun {
  readonly timed: PacedRun;
  /** The messages that made the function loop, when there were any. */
  readonly loops?: PacedRun;
}

/**
 * Messages at a steady rate while nothing else goes on, while a function loops until its deadline again and again, and while a process
 * takes as much of a processor: where processors are few, whatever is busy takes time from what is measured.
 */
export async function measureFunctionsLoop(context: BenchContext): Promise<FunctionsLoopResult> {
  const loopsOfRound = context.isQuick ? 2 : 4;
  const rounds = context.isQuick ? 2 : 6;
  const server = await startWithFunctions(CODE);
  const loads = { timed: startLoad(), beside: startLoad() };
  try {
    const take = (which: Timed, beside: Beside) => () =>
      takeOnce(server, loads, which, beside, loopsOfRound);
    const takes = {
      "unbound nothing": take("unbound", "nothing"),
      "unbound process": take("unbound", "process"),
      "unbound loop": take("unbound", "loop"),
      "bound nothing": take("bound", "nothing"),
      "bound process": take("bound", "process"),
      "bound loop": take("bound", "loop"),
    };
    const runs = await takeTurns(rounds, takes, (round) =>
      context.progress(`a function that loops: round ${round} of ${rounds}`),
    );
    const seriesOf = (which: Timed): FunctionsLoopResult["bound"] => ({
      nothing: timedSeries(runs[`${which} nothing`]),
      process: timedSeries(runs[`${which} process`]),
      loop: timedSeries(runs[`${which} loop`]),
    });
    return {
      perSecond: PER_SECOND,
      deadlineMs: DEADLINE_MS,
      everyMs: EVERY_MS,
      unbound: seriesOf("unbound"),
      bound: seriesOf("bound"),
      loops: {
        // The round that warms up has two of them, too.
        begun: (rounds + 1) * 2 * loopsOfRound,
        failed: await readMetric(server, FAILED, "loop"),
        replaced: await readMetric(server, REPLACED),
        ...endTimes([...runs["unbound loop"], ...runs["bound loop"]]),
      },
    };
  } finally {
    await Promise.all([loads.timed.close(), loads.beside.close()]);
    await server.stop();
  }
}

async function takeOnce(
  server: PeerServer,
  loads: Readonly<Record<"timed" | "beside", Load>>,
  which: Timed,
  beside: Beside,
  times: number,
): Promise<LoopRun> {
  const runs = ({ timed }: LoopRun): number => (which === "bound" ? timed.sent : 0);
  return withRuns(server, "nothing", runs, async () => {
    const [timed, loops] = await Promise.all([
      loads.timed.call("publishPaced", {
        port: server.port,
        publishers: pacedPublishers(server, CHANNELS[which]),
        perSecond: PER_SECOND,
        warmUpMs: WARM_UP_MS,
        forMs: times * EVERY_MS,
      }),
      besides(loads.beside, server, beside, times),
    ]);
    return { timed, ...(loops && { loops }) };
  });
}

async function besides(
  load: Load,
  server: PeerServer,
  beside: Beside,
  times: number,
): Promise<PacedRun | undefined> {
  if (beside === "nothing") return undefined;
  if (beside === "process") {
    await load.call("keepBusy", { busyMs: BUSY_MS, everyMs: EVERY_MS, times });
    return undefined;
  }
  return load.call("publishPaced", {
    port: server.port,
    publishers: pacedPublishers(server, [LOOPING]),
    perSecond: 1000 / EVERY_MS,
    warmUpMs: 0,
    forMs: times * EVERY_MS,
    refusal: "took too long",
  });
}

function timedSeries(runs: readonly LoopRun[]): PacedSeries {
  return pacedSeries(runs.map(({ timed }) => timed));
}

function endTimes(runs: readonly LoopRun[]): Pick<EndedLoops, "p50Ms" | "longestMs"> {
  const loops = runs.flatMap((run) => run.loops ?? []);
  return {
    p50Ms: pacedSeries(loops).p50Ms,
    longestMs: Math.max(...loops.map(({ longestMs }) => longestMs)),
  };
}
