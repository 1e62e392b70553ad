import type { FanoutMode, FanoutResult } from "./measures/fanout.ts";
import { IDLE_CONNECTIONS } from "./measures/idle-memory.ts";
import type { Commits } from "./measures/publish-rate.ts";
import type { PeerName } from "./peers/peer.ts";
import type { BenchResults } from "./results.ts";
import { median } from "./statistics.ts";

/** A number that Anywire has to reach. */
export interface Target {
  readonly what: string;
  /** What is asked, with its unit. */
  readonly asked: string;
  /** What was measured, with its unit. */
  readonly measured: string;
  readonly isMet: boolean;
}

const RATIOS: readonly { peer: PeerName; mode: FanoutMode; atLeast: number }[] = [
  { peer: "ws", mode: "sparse", atLeast: 1.15 },
  { peer: "ws", mode: "burst", atLeast: 8 },
  { peer: "socket.io", mode: "sparse", atLeast: 1.5 },
  { peer: "socket.io", mode: "burst", atLeast: 12 },
  { peer: "centrifuge", mode: "sparse", atLeast: 1 },
  { peer: "centrifuge", mode: "burst", atLeast: 1.5 },
];
const MAX_IDLE_KB = 16;
const MIN_GROUP_COMMIT_GAIN = 20;
const MAX_READY_MS = 1000;
const MAX_PAGE_MS = 5;

/** Every target that the run has numbers for. */
export function judge(results: BenchResults): Target[] {
  return [
    ...fanoutTargets(results),
    ...idleTargets(results),
    ...publishTargets(results),
    ...startUpTargets(results),
  ];
}

/**
 * How many times more deliveries one peer makes of a second of processor time than another: the median over the
 * rounds, since the two are neighbours in each, and a machine's speed changes from round to round.
 */
export function fanoutRatio(
  results: readonly FanoutResult[],
  peer: PeerName,
  { mode, connections }: Pick<FanoutResult, "mode" | "connections">,
): number | undefined {
  const rounds = (name: PeerName): readonly number[] | undefined =>
    results.find((one) => one.peer === name && one.mode === mode && one.connections === connections)
      ?.rounds;
  const [ours, theirs] = [rounds("anywire"), rounds(peer)];
  if (ours === undefined || theirs === undefined) return undefined;
  return median(ours.map((rate, round) => rate / (theirs[round] ?? Number.NaN)));
}

function fanoutTargets({ fanout = [], peers }: BenchResults): Target[] {
  const sizes = [...new Set(fanout.map(({ connections }) => connections))];
  return RATIOS.flatMap(({ peer, mode, atLeast }) =>
    sizes.flatMap((connections) => {
      const ratio = fanoutRatio(fanout, peer, { mode, connections });
      if (ratio === undefined) return [];
      const title = peers.find(({ name }) => name === peer)?.title ?? peer;
      return {
        what: `${mode}, ${connections} connections: deliveries per CPU-second over ${title}`,
        asked: `≥ ${atLeast} ×`,
        measured: `${ratio.toFixed(2)} ×`,
        isMet: ratio >= atLeast,
      };
    }),
  );
}

function idleTargets({ idle = [] }: BenchResults): Target[] {
  const ours = idle.find(({ peer }) => peer === "anywire");
  if (ours === undefined || ours.connections < IDLE_CONNECTIONS) return [];
  const kilobytes = ours.bytesPerConnection / 1024;
  return [
    {
      what: "resident memory of an idle connection",
      asked: `≤ ${MAX_IDLE_KB} kB`,
      measured: `${kilobytes.toFixed(1)} kB`,
      isMet: kilobytes <= MAX_IDLE_KB,
    },
  ];
}

function publishTargets({ publish = [] }: BenchResults): Target[] {
  const rate = (commits: Commits): number =>
    publish.find((one) => one.publishers === 100 && one.commits === commits)?.perSecond ??
    Number.NaN;
  if (publish.length === 0) return [];
  const gain = rate("grouped") / rate("single");
  return [
    {
      what: "100 publishers: rate over one commit per message",
      asked: `≥ ${MIN_GROUP_COMMIT_GAIN} ×`,
      measured: `${gain.toFixed(1)} ×`,
      isMet: gain >= MIN_GROUP_COMMIT_GAIN,
    },
  ];
}

function startUpTargets({ startup }: BenchResults): Target[] {
  if (startup === undefined) return [];
  const slowest = Math.max(...startup.reads.map(({ p99Ms }) => p99Ms));
  return [
    {
      what: `start-up to /ready with ${startup.entries} entries`,
      asked: `< ${MAX_READY_MS} ms`,
      measured: `${startup.readyMs.toFixed(0)} ms`,
      isMet: startup.readyMs < MAX_READY_MS,
    },
    {
      what: "reading 100 entries anywhere in that log, the slowest p99 of all ways",
      asked: `< ${MAX_PAGE_MS} ms`,
      measured: `${slowest.toFixed(2)} ms`,
      isMet: slowest < MAX_PAGE_MS,
    },
  ];
}
