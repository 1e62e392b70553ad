import type { PacedRun } from "../load/paced-publish.ts";
import type { PeerServer } from "../peers/peer.ts";
import { PLATFORM } from "../peers/tokens.ts";
import { cpuSeconds } from "../processes/process-usage.ts";
import { median } from "../statistics.ts";
import type { WireClient } from "../wires/wire.ts";

/** Publishers of a paced load, with a channel each. */
const PUBLISHERS = 10;

/** How long messages took to their acknowledgement at a steady rate. */
export interface PacedSeries {
  /** Medians of all rounds. */
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** Every round. */
  readonly rounds: readonly PacedRun[];
}

/** A round of which it is known what it cost. */
export interface CostedRun extends PacedRun {
  /** Processor time of the server for each message, the publishers' connecting included, µs. */
  readonly cpuMicros: number;
}

/** A series of such rounds. */
export interface CostedSeries extends PacedSeries {
  /** The median of all rounds. */
  readonly cpuMicros: number;
  readonly rounds: readonly CostedRun[];
}

/** What one series has more than another. */
export interface AddedTime {
  /** The median over rounds, since the two are neighbours in each; ms. */
  readonly addedMs: number;
  /** How far apart one series is from round to round, when nothing changes but the machine's mood: the median; ms. */
  readonly noiseMs: number;
}

/** The channels of a paced load, all of type `group`. */
export function pacedChannels(prefix = "paced"): readonly string[] {
  return Array.from({ length: PUBLISHERS }, (_, index) => `${PLATFORM}.group.${prefix}${index}`);
}

/** Publishers with an account and one of the channels each. */
export function pacedPublishers(
  server: PeerServer,
  channels: readonly string[] = pacedChannels(),
): readonly WireClient[] {
  return channels.map((channel, index) => ({
    token: server.token(`publisher${index}`),
    channels: [channel],
  }));
}

/**
 * Takes rounds of each by turns: in every second round the other way around, so that none of them always follows the same one. The first
 * round only warms up.
 */
export async function takeTurns<Name extends string, Run>(
  rounds: number,
  takes: Readonly<Record<Name, () => Promise<Run>>>,
  onRound: (round: number) => void,
): Promise<Readonly<Record<Name, readonly Run[]>>> {
  const entries = Object.entries<() => Promise<Run>>(takes);
  const runs = new Map(entries.map(([name]) => [name, [] as Run[]]));
  for (let round = 0; round <= rounds; round += 1) {
    onRound(round);
    for (const [name, take] of round % 2 === 0 ? entries : entries.toReversed()) {
      const run = await take();
      if (round > 0) runs.get(name)?.push(run);
    }
  }
  return Object.fromEntries(runs) as unknown as Record<Name, readonly Run[]>;
}

/** A series with its medians. */
export function pacedSeries(rounds: readonly PacedRun[]): PacedSeries {
  return {
    p50Ms: median(rounds.map(({ p50Ms }) => p50Ms)),
    p99Ms: median(rounds.map(({ p99Ms }) => p99Ms)),
    rounds,
  };
}

/** A round and what it costs a server none of whose threads ends meanwhile. */
export async function costed(
  { pid }: PeerServer,
  take: () => Promise<PacedRun>,
): Promise<CostedRun> {
  const before = cpuSeconds(pid);
  const run = await take();
  return { ...run, cpuMicros: ((cpuSeconds(pid) - before) / run.sent) * 1e6 };
}

/** A series with its medians. */
export function costedSeries(rounds: readonly CostedRun[]): CostedSeries {
  const cpuMicros = median(rounds.map((run) => run.cpuMicros));
  return { ...pacedSeries(rounds), rounds, cpuMicros };
}

/** What a series has more than the one beside it. */
export function addedTime(
  { rounds: base }: PacedSeries,
  { rounds: other }: PacedSeries,
  share: "p50Ms" | "p99Ms",
): AddedTime {
  const times = base.map((run) => run[share]);
  const differences = other.map((run, round) => run[share] - (times[round] ?? Number.NaN));
  const steps = times.slice(1).map((ms, round) => Math.abs(ms - (times[round] ?? Number.NaN)));
  return { addedMs: median(differences), noiseMs: median(steps) };
}
