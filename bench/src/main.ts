import { readFile, writeFile } from "node:fs/promises";
import { performance } from "node:perf_hooks";
import { type FoundClusterPrograms, findClusterPrograms } from "./cluster/cluster-programs.ts";
import { checkMachine, describeMachine } from "./machine.ts";
import type { BenchContext } from "./measures/bench-context.ts";
import { measureClusterFanout } from "./measures/cluster-fanout.ts";
import { measureClusterProjector } from "./measures/cluster-projector.ts";
import { measureClusterPublish } from "./measures/cluster-publish.ts";
import { measureClusterRecovery } from "./measures/cluster-recovery.ts";
import { measureFanout } from "./measures/fanout.ts";
import { measureFunctionsAfter } from "./measures/functions-after.ts";
import { measureFunctionsBefore } from "./measures/functions-before.ts";
import { measureFunctionsLoop } from "./measures/functions-loop.ts";
import { measureFunctionsUnmatched } from "./measures/functions-unmatched.ts";
import { measureIdleMemory } from "./measures/idle-memory.ts";
import { measureLatency } from "./measures/latency.ts";
import { measureNetworksLimit } from "./measures/networks-limit.ts";
import { measureNetworksOutbound } from "./measures/networks-outbound.ts";
import { measureNetworksWebhooks } from "./measures/networks-webhooks.ts";
import { measurePublishRate } from "./measures/publish-rate.ts";
import { measureRecovery } from "./measures/recovery.ts";
import { measureStartUp } from "./measures/start-up.ts";
import { type BenchOptions, type Measure, parseOptions, USAGE } from "./options.ts";
import { findPeers } from "./peers/find-peers.ts";
import { killChildren } from "./processes/children.ts";
import { removeTemporaryDirectories } from "./processes/temporary-directory.ts";
import { report, withReport } from "./report.ts";
import type { BenchResults } from "./results.ts";

const measures = {
  fanout: measureFanout,
  latency: measureLatency,
  idle: measureIdleMemory,
  publish: measurePublishRate,
  recovery: measureRecovery,
  startup: measureStartUp,
  "functions-before": measureFunctionsBefore,
  "functions-after": measureFunctionsAfter,
  "functions-unmatched": measureFunctionsUnmatched,
  "functions-loop": measureFunctionsLoop,
  "networks-webhooks": measureNetworksWebhooks,
  "networks-outbound": measureNetworksOutbound,
  "networks-limit": measureNetworksLimit,
};

/** Those of the cluster engine, which needs servers that not every machine has. */
const clusterMeasures = {
  "cluster-fanout": measureClusterFanout,
  "cluster-publish": measureClusterPublish,
  "cluster-recovery": measureClusterRecovery,
  "cluster-projector": measureClusterProjector,
};

/** What only Anywire does. */
const OF_ANYWIRE: readonly Measure[] = [
  "publish",
  "startup",
  "functions-before",
  "functions-after",
  "functions-unmatched",
  "functions-loop",
  "networks-webhooks",
  "networks-outbound",
  "networks-limit",
];

for (const [signal, code] of [
  ["SIGINT", 130],
  ["SIGTERM", 143],
] as const) {
  process.on(signal, () => process.exit(code));
}
// However the bench ends, nothing that it started goes on.
process.on("exit", () => {
  killChildren();
  removeTemporaryDirectories();
});

try {
  const options = parseOptions(process.argv.slice(2));
  if (options === undefined) console.log(USAGE);
  else await run(options);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}

async function run(options: BenchOptions): Promise<void> {
  checkMachine();
  const startedAt = performance.now();
  const progress = (text: string): void => {
    const seconds = (performance.now() - startedAt) / 1000;
    console.error(`${seconds.toFixed(0).padStart(4)} s  ${text}`);
  };
  const { present, missing } = await findPeers(options.peers, progress);
  const context: BenchContext = { peers: present, isQuick: options.isQuick, progress };
  const cluster = options.measures.some(isOfCluster) ? findClusterPrograms() : undefined;
  const found: Record<string, unknown> = {};
  for (const measure of options.measures) {
    const isOurs = isOfCluster(measure) || OF_ANYWIRE.includes(measure);
    if (isOurs && !options.peers.includes("anywire")) continue;
    found[measure] = await take(measure, context, cluster);
  }
  const results: BenchResults = {
    machine: describeMachine(),
    command: commandLine(process.argv.slice(2)),
    startedAt: new Date(performance.timeOrigin).toISOString(),
    seconds: (performance.now() - startedAt) / 1000,
    peers: [...present.map(({ name, title }) => ({ name, title })), ...missing],
    ...(cluster !== undefined && "missing" in cluster ? { clusterMissing: cluster.missing } : {}),
    ...found,
  };
  if (options.jsonFile !== undefined) {
    await writeFile(options.jsonFile, `${JSON.stringify(results, null, 2)}\n`);
  }
  const parts = report(results);
  if (options.intoFile !== undefined) {
    const text = parts.reduce(withReport, await readFile(options.intoFile, "utf8"));
    await writeFile(options.intoFile, text);
  }
  console.log(parts.map(({ text }) => text).join("\n\n"));
}

function isOfCluster(measure: Measure): measure is keyof typeof clusterMeasures {
  return measure in clusterMeasures;
}

/** What a measure found; undefined when it needs what this machine has not. */
async function take(
  measure: Measure,
  context: BenchContext,
  cluster: FoundClusterPrograms | undefined,
): Promise<unknown> {
  if (!isOfCluster(measure)) return measures[measure](context);
  if (cluster === undefined || "missing" in cluster) return undefined;
  return clusterMeasures[measure]({ ...context, programs: cluster.programs });
}

function commandLine(args: readonly string[]): string {
  return ["npm run bench", ...(args.length === 0 ? [] : ["--", ...args])].join(" ");
}
