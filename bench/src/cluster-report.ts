import { microseconds, milliseconds, rate, section, times } from "./markdown.ts";
import type { ClusterFanoutResult, FanoutNode } from "./measures/cluster-fanout.ts";
import type { ClusterProjectorResult } from "./measures/cluster-projector.ts";
import type { ClusterPublishResult, ClusterStorage } from "./measures/cluster-publish.ts";
import type { ClusterRecoveryResult } from "./measures/cluster-recovery.ts";
import type { BenchResults } from "./results.ts";
import { clusterFanoutRatio, clusterPublishRatio, isEdge } from "./targets.ts";

const NODES: Readonly<Record<FanoutNode, string>> = {
  alone: "embedded engine, one process alone",
  embedded: "embedded engine, two processes at once",
  publisher: "edge with the publisher",
  other: "other edge",
};

const STORAGES: Readonly<Record<ClusterStorage, string>> = {
  embedded: "embedded engine, synchronous=FULL",
  jetstream: "JetStream, one copy in a file, flushed every two minutes (default)",
  "jetstream-always": "JetStream, `sync_interval: always`",
};

/** What was found of the cluster engine, as Markdown. */
export function clusterSections(results: BenchResults): string[] {
  return [
    fanoutSection(results["cluster-fanout"]),
    publishSection(results["cluster-publish"]),
    recoverySection(results["cluster-recovery"]),
    projectorSection(results["cluster-projector"]),
  ];
}

function fanoutSection(results: readonly ClusterFanoutResult[] = []): string {
  if (results.length === 0) return "";
  const modes = [...new Set(results.map(({ mode }) => mode))];
  const nodes = [...new Set(results.map(({ node }) => node))];
  return section(
    `Cluster: deliveries per second of an edge's processor time, two edges with ${results[0]?.connections} connections each`,
    ["", ...modes.flatMap((mode) => [mode, "over two embedded"])],
    nodes.map((node) => [
      NODES[node],
      ...modes.flatMap((mode) => [
        rate(results.find((one) => one.node === node && one.mode === mode)?.deliveriesPerCpuSecond),
        isEdge(node) ? times(clusterFanoutRatio(results, node, mode)) : "",
      ]),
    ]),
  );
}

function publishSection(results: readonly ClusterPublishResult[] = []): string {
  if (results.length === 0) return "";
  return section(
    "Cluster: acknowledged publishes per second through one edge",
    ["publishers", "stored in", "acknowledged/s", "over embedded", "edge, each", "NATS, each"],
    results.map(({ publishers, storage, perSecond, edgeMicros, natsMicros }) => [
      publishers,
      STORAGES[storage],
      rate(perSecond),
      storage === "embedded" ? "" : times(clusterPublishRatio(results, storage, publishers)),
      microseconds(edgeMicros),
      microseconds(natsMicros),
    ]),
  );
}

function recoverySection(recovery: ClusterRecoveryResult | undefined): string {
  if (recovery === undefined) return "";
  const { clients, missed, wallMs, edgeSeconds, natsSeconds } = recovery;
  return section(
    `Cluster: ${rate(clients)} clients with a channel each come back at once to another edge, each to ${missed} missed messages`,
    ["", "until all have all", "edge's processor time", "NATS server's"],
    [
      [
        "out of the log, none in the edge's memory",
        milliseconds(wallMs),
        `${edgeSeconds.toFixed(2)} s`,
        `${natsSeconds.toFixed(2)} s`,
      ],
    ],
  );
}

function projectorSection(projector: ClusterProjectorResult | undefined): string {
  if (projector === undefined) return "";
  return section(
    `Cluster: keeping the state in step with messages into groups of ${projector.participants}`,
    ["publishers", "projected/s", "projector, each", "requests to DynamoDB, each", "a request"],
    projector.runs.map((run) => [
      run.publishers,
      rate(run.projectedPerSecond),
      microseconds(run.projectorMicros),
      requestsText(run.requests),
      milliseconds(run.requestMs),
    ]),
  );
}

function requestsText(requests: Readonly<Record<string, number>>): string {
  return Object.entries(requests)
    .filter(([, count]) => count > 0)
    .map(([operation, count]) => `${count.toFixed(3)} ${operation}`)
    .join(", ");
}
