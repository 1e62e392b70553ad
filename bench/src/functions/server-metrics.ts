import { setTimeout as delay } from "node:timers/promises";
import type { PeerServer } from "../peers/peer.ts";

const LOOK_MS = 100;
const STUCK_LOOKS = 300;

/** How runs went. */
export interface RunsProgress {
  /** When they were first counted, by `performance.now()`, and how many there were. */
  readonly first: { readonly at: number; readonly count: number };
  /** When there were first seen to be as many as were waited for. */
  readonly reachedAt: number;
}

/** What a metric of a server is now, such as `anywire_function_workers`: of all its labels that begin with `label`; 0 when it has not begun. */
export async function readMetric(
  { port }: PeerServer,
  name: string,
  label?: string,
): Promise<number> {
  const answer = await fetch(`http://127.0.0.1:${port}/metrics`);
  if (!answer.ok) throw new Error(`/metrics answered ${answer.status}`);
  const start = label === undefined ? `${name} ` : `${name}{function="${label}`;
  return (await answer.text())
    .split("\n")
    .filter((line) => line.startsWith(start))
    .reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(" "))), 0);
}

/** How many runs have ended of the functions whose names begin so. */
export function readRuns(server: PeerServer, name: string): Promise<number> {
  return readMetric(server, "anywire_function_run_seconds_count", name);
}

/**
 * Checks that while something is done, functions are run so many times as it says.
 * @throws when they are not.
 */
export async function withRuns<Result>(
  server: PeerServer,
  name: string,
  expected: (result: Result) => number,
  act: () => Promise<Result>,
): Promise<Result> {
  const before = await readRuns(server, name);
  const result = await act();
  const runs = (await readRuns(server, name)) - before;
  if (runs !== expected(result)) {
    throw new Error(`functions were run ${runs} times and not ${expected(result)}`);
  }
  return result;
}

/**
 * Counts runs of functions ten times a second until there are as many as are waited for.
 * @throws when there are more, or no more come for half a minute.
 */
export async function untilRuns(
  server: PeerServer,
  name: string,
  wanted: number,
): Promise<RunsProgress> {
  const first = { count: await readRuns(server, name), at: performance.now() };
  let { count } = first;
  for (let looks = 0; count < wanted && looks < STUCK_LOOKS; looks += 1) {
    await delay(LOOK_MS);
    const before = count;
    count = await readRuns(server, name);
    if (count > before) looks = 0;
  }
  if (count !== wanted) throw new Error(`${name} was run ${count} times and not ${wanted}`);
  return { first, reachedAt: performance.now() };
}
