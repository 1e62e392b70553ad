import type { ClusterFanoutResult, FanoutNode } from "./measures/cluster-fanout.ts";
import type { ClusterPublishResult, ClusterStorage } from "./measures/cluster-publish.ts";
import type { FanoutMode, FanoutResult } from "./measures/fanout.ts";
import { IDLE_CONNECTIONS } from "./measures/idle-memory.ts";
import type { Commits } from "./measures/publish-rate.ts";
import type { PeerName } from "./peers/peer.ts";
import type { BenchResults } from "./results.ts";
import { median } from "./statistics.ts";
import type { Target } from "./target.ts";

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
const MIN_EDGE_RATIO = 0.8;
const MIN_JETSTREAM_GAIN = 1.5;
const MAX_RECOVERY_MS = 5000;

/** Every target that the run has numbers for, but those for functions. */
export function judge(results: BenchResults): Target[] {
  return [
    ...fanoutTargets(results),
    ...idleTargets(results),
    ...publishTargets(results),
    ...startUpTargets(results),
    ...clusterFanoutTargets(results["cluster-fanout"]),
    ...clusterPublishTargets(results["cluster-publish"]),
    ...clusterRecoveryTargets(results),
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
  return roundsRatio(rounds("anywire"), rounds(peer));
}

/** Whether a node is one of a cluster. */
export function isEdge(node: FanoutNode): node is "publisher" | "other" {
  return node === "publisher" || node === "other";
}

/** What an edge of a cluster makes of a second of processor time, over what two processes of the embedded engine make of it. */
export function clusterFanoutRatio(
  results: readonly ClusterFanoutResult[],
  node: FanoutNode,
  mode: FanoutMode,
): number | undefined {
  const rounds = (name: FanoutNode): readonly number[] | undefined =>
    results.find((one) => one.node === name && one.mode === mode)?.rounds;
  return roundsRatio(rounds(node), rounds("embedded"));
}

/** How many times more messages a second are acknowledged than by the embedded engine. */
export function clusterPublishRatio(
  results: readonly ClusterPublishResult[],
  storage: ClusterStorage,
  publishers: number,
): number | undefined {
  const rounds = (name: ClusterStorage): readonly number[] | undefined =>
    results.find((one) => one.storage === name && one.publishers === publishers)?.rounds;
  return roundsRatio(rounds(storage), rounds("embedded"));
}

/** The median over rounds that are neighbours. */
function roundsRatio(
  ours: readonly number[] | undefined,
  theirs: readonly number[] | undefined,
): number | undefined {
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

function clusterFanoutTargets(results: readonly ClusterFanoutResult[] = []): Target[] {
  const title = { publisher: "edge with the publisher", other: "other edge" } as const;
  return results.flatMap(({ node, mode, connections }) => {
    const ratio = clusterFanoutRatio(results, node, mode);
    if (!isEdge(node) || ratio === undefined) return [];
    return {
      what: `cluster, ${mode}, ${connections} connections, ${title[node]}: deliveries per CPU-second over two processes of the embedded engine`,
      asked: `≥ ${MIN_EDGE_RATIO} ×`,
      measured: `${ratio.toFixed(2)} ×`,
      isMet: ratio >= MIN_EDGE_RATIO,
    };
  });
}

function clusterPublishTargets(results: readonly ClusterPublishResult[] = []): Target[] {
  const ratio = clusterPublishRatio(results, "jetstream", 100);
  if (ratio === undefined) return [];
  return [
    {
      what: "cluster, 100 publishers: rate acknowledged by JetStream over the embedded engine",
      asked: `≥ ${MIN_JETSTREAM_GAIN} ×`,
      measured: `${ratio.toFixed(2)} ×`,
      isMet: ratio >= MIN_JETSTREAM_GAIN,
    },
  ];
}

function clusterRecoveryTargets({ "cluster-recovery": recovery }: BenchResults): Target[] {
  if (recovery === undefined) return [];
  const { clients, missed, wallMs } = recovery;
  return [
    {
      what: `cluster: ${clients} clients × ${missed} missed messages, each on its own channel`,
      asked: `< ${MAX_RECOVERY_MS} ms`,
      measured: `${wallMs.toFixed(0)} ms`,
      isMet: wallMs < MAX_RECOVERY_MS,
    },
  ];
}
