import { clusterSections } from "./cluster-report.ts";
import { functionsSections } from "./functions-report.ts";
import { functionsTargets } from "./functions-targets.ts";
import { milliseconds, type Row, rate, section, times } from "./markdown.ts";
import type { FanoutMode, FanoutResult } from "./measures/fanout.ts";
import type { DeliveryTime } from "./measures/latency.ts";
import type { StartUpResult } from "./measures/start-up.ts";
import { networksSections } from "./networks-report.ts";
import { networksTargets } from "./networks-targets.ts";
import type { PeerName } from "./peers/peer.ts";
import type { BenchResults } from "./results.ts";
import type { Target } from "./target.ts";
import { fanoutRatio, judge } from "./targets.ts";

/** What a run found about one subject. */
export interface ReportPart {
  /** What the marks say between which it stands in a file. */
  readonly marks: string;
  /** Markdown. */
  readonly text: string;
}

/** What a run found: a part each for functions and networks, and one for all else, as far as it looked at them. */
export function report(results: BenchResults): ReportPart[] {
  const parts = {
    bench: [
      targetSection("Targets", judge(results)),
      fanoutSection(results),
      latencySection(results),
      idleSection(results),
      publishSection(results),
      recoverySection(results),
      startUpSection(results.startup),
      ...clusterSections(results),
    ],
    "bench of functions": [
      targetSection("Functions: targets", functionsTargets(results)),
      ...functionsSections(results),
    ],
    "bench of networks": [
      targetSection("Networks: targets", networksTargets(results)),
      ...networksSections(results),
    ],
  };
  return Object.entries(parts)
    .map(([marks, sections]) => ({ marks, found: sections.filter((one) => one !== "") }))
    .filter(({ found }) => found.length > 0)
    .map(({ marks, found }) => ({ marks, text: [machineSection(results), ...found].join("\n\n") }));
}

/**
 * A Markdown text with a part of a report in place of what was between its marks.
 * @throws when it has no such marks.
 */
export function withReport(markdown: string, { marks, text }: ReportPart): string {
  const [first, last] = [`<!-- ${marks}: start -->`, `<!-- ${marks}: end -->`];
  const start = markdown.indexOf(first);
  const end = markdown.indexOf(last);
  if (start < 0 || end < start) throw new Error(`the file needs the lines ${first} and ${last}`);
  return `${markdown.slice(0, start)}${first}\n\n${text}\n\n${markdown.slice(end)}`;
}

function machineSection(results: BenchResults): string {
  const { machine, command, startedAt, seconds, peers, clusterMissing } = results;
  const { cpu, cores, memoryGib, os, node, fileSystem } = machine;
  return [
    `\`${command}\`, ${startedAt.slice(0, 10)}, ${Math.round(seconds)} s: ${cpu}, ${cores} cores, ${memoryGib} GiB, ${os}, ${fileSystem}, Node.js ${node}.`,
    ...peers
      .filter(({ missing }) => missing !== undefined)
      .map(({ title, missing }) => `\nNot measured: ${title}, because ${missing}.`),
    ...(clusterMissing === undefined
      ? []
      : [`\nNot measured: the cluster engine, because ${clusterMissing}.`]),
  ].join("\n");
}

function targetSection(title: string, targets: readonly Target[]): string {
  if (targets.length === 0) return "";
  return section(
    title,
    ["", "asked", "measured", ""],
    targets.map(({ what, asked, measured, isMet }) => [what, asked, measured, isMet ? "✓" : "✗"]),
  );
}

function fanoutSection(results: BenchResults): string {
  const { fanout, peers } = results;
  if (fanout === undefined) return "";
  const columns = columnsOf(fanout);
  const find = (peer: PeerName, column: Column): FanoutResult | undefined =>
    fanout.find(
      (one) =>
        one.peer === peer && one.mode === column.mode && one.connections === column.connections,
    );
  const ratio = (peer: PeerName, column: Column): number | undefined =>
    fanoutRatio(fanout, peer, column);
  const rows = peers.map(({ name, title, missing }): Row => {
    if (missing !== undefined) return [title, ...columns.map(() => "–")];
    return [title, ...columns.map((column) => rate(find(name, column)?.deliveriesPerCpuSecond))];
  });
  const ratios = peers
    .filter(({ name }) => name !== "anywire" && columns.some((column) => ratio(name, column)))
    .map(
      ({ name, title }): Row => [
        `Anywire over ${title}`,
        ...columns.map((column) => times(ratio(name, column))),
      ],
    );
  return section(
    "Deliveries per second of the server's processor time",
    ["", ...columns.map(({ mode, connections }) => `${mode}, ${connections}`)],
    [...rows, ...ratios],
  );
}

type Column = Pick<FanoutResult, "mode" | "connections">;

function columnsOf(fanout: readonly FanoutResult[]): Column[] {
  const modes: readonly FanoutMode[] = ["sparse", "burst"];
  const sizes = [...new Set(fanout.map(({ connections }) => connections))];
  return modes.flatMap((mode) => sizes.map((connections) => ({ mode, connections })));
}

function latencySection({ latency = [], peers }: BenchResults): string {
  if (latency.length === 0) return "";
  const cells = ({ messagesPerSecond, p50Ms, p99Ms }: DeliveryTime): Row => [
    messagesPerSecond.toFixed(0),
    milliseconds(p50Ms),
    milliseconds(p99Ms),
  ];
  return section(
    "Delivery time, 500 connections: at half of its own highest rate, and at a rate common to all",
    ["", "messages/s", "p50", "p99", "messages/s", "p50", "p99"],
    latency.map(({ peer, ownHalf, commonHalf }) => [
      titleOf(peers, peer),
      ...cells(ownHalf),
      ...cells(commonHalf),
    ]),
  );
}

function idleSection({ idle = [], peers }: BenchResults): string {
  if (idle.length === 0) return "";
  return section(
    `Resident memory of an idle connection, authenticated, subscribed to two channels (${idle[0]?.connections} of them)`,
    ["", "per connection", "after collecting garbage", "server without connections"],
    idle.map(({ peer, bytesPerConnection, collectedBytesPerConnection, baseBytes }) => [
      titleOf(peers, peer),
      `${(bytesPerConnection / 1024).toFixed(1)} kB`,
      collectedBytesPerConnection === undefined
        ? "–"
        : `${(collectedBytesPerConnection / 1024).toFixed(1)} kB`,
      `${(baseBytes / 2 ** 20).toFixed(0)} MB`,
    ]),
  );
}

const COMMITS = {
  grouped: "grouped (default)",
  single: "one per message",
  none: "none: a bare `ws` server that only answers",
} as const;

function publishSection({ publish = [] }: BenchResults): string {
  if (publish.length === 0) return "";
  return section(
    "Durable publishes per second, synchronous=FULL",
    ["publishers", "commits", "acknowledged/s"],
    publish.map(({ publishers, commits, perSecond }) => [
      publishers,
      COMMITS[commits],
      rate(perSecond),
    ]),
  );
}

function recoverySection({ recovery = [], peers }: BenchResults): string {
  if (recovery.length === 0) return "";
  return section(
    "1,000 clients come back at once, each to 100 missed messages",
    ["", "until all have all", "server's processor time"],
    recovery.map(({ peer, wallMs, cpuSeconds }) => [
      titleOf(peers, peer),
      milliseconds(wallMs),
      `${cpuSeconds.toFixed(2)} s`,
    ]),
  );
}

function startUpSection(startup: StartUpResult | undefined): string {
  if (startup === undefined) return "";
  return section(
    `Anywire with ${startup.entries.toLocaleString("en")} entries on disk`,
    ["", "p50", "p99"],
    [
      ["start of the process to `/ready`", milliseconds(startup.readyMs), "–"],
      ...startup.reads.map(({ what, p50Ms, p99Ms }) => [
        `page of 100, ${what}`,
        milliseconds(p50Ms),
        milliseconds(p99Ms),
      ]),
    ],
  );
}

function titleOf(peers: BenchResults["peers"], peer: PeerName): string {
  return peers.find(({ name }) => name === peer)?.title ?? peer;
}
