import type { FunctionsAfterResult } from "./measures/functions-after.ts";
import type { FunctionsBeforeResult } from "./measures/functions-before.ts";
import type { FunctionsLoopResult } from "./measures/functions-loop.ts";
import type { FunctionsUnmatchedResult } from "./measures/functions-unmatched.ts";
import { addedTime, type PacedSeries } from "./measures/paced-series.ts";
import type { BenchResults } from "./results.ts";
import { median } from "./statistics.ts";
import type { Target } from "./target.ts";

const MAX_ADDED = { p50Ms: 0.3, p99Ms: 1 } as const;
const MIN_AFTER_PER_SECOND = 10_000;
/** Of a rate that is to be the same: what is left for chance. */
const MIN_SAME_RATE = 0.97;
/** How long after the deadline of a loop its message may be refused: its worker has 50 ms to tell what it logged, and the pool looks every 8 ms. */
const MAX_LATE_MS = 100;

/** Every target for functions that the run has numbers for. */
export function functionsTargets(results: BenchResults): Target[] {
  return [
    ...beforeTargets(results["functions-before"]),
    ...afterTargets(results["functions-after"]),
    ...unmatchedTargets(results["functions-unmatched"]),
    ...loopTargets(results["functions-loop"]),
  ];
}

/** How many times more messages a second are acknowledged where functions are bound to others: the median over rounds that are neighbours. */
export function unmatchedRatio({ without, with: bound }: FunctionsUnmatchedResult): number {
  return median(bound.rates.map((rate, round) => rate / (without.rates[round] ?? Number.NaN)));
}

function beforeTargets(result: FunctionsBeforeResult | undefined): Target[] {
  if (result === undefined) return [];
  return (["p50Ms", "p99Ms"] as const).map((share) => {
    const { addedMs } = addedTime(result.without, result.with, share);
    return {
      what: `${result.perSecond} publishes a second: what a function before them that does nothing adds, ${nameOf(share)}`,
      asked: `≤ ${MAX_ADDED[share]} ms`,
      measured: `${addedMs.toFixed(2)} ms`,
      isMet: addedMs <= MAX_ADDED[share],
    };
  });
}

function afterTargets(result: FunctionsAfterResult | undefined): Target[] {
  if (result === undefined) return [];
  const perSecond = result.catchUpPerSecond;
  return [
    {
      what: "runs a second of a function after messages that does nothing, one worker",
      asked: `≥ ${MIN_AFTER_PER_SECOND.toLocaleString("en")}`,
      measured: Math.round(perSecond).toLocaleString("en"),
      isMet: perSecond >= MIN_AFTER_PER_SECOND,
    },
  ];
}

function unmatchedTargets(result: FunctionsUnmatchedResult | undefined): Target[] {
  if (result === undefined) return [];
  const ratio = unmatchedRatio(result);
  const what = `${result.functions} functions for other channels`;
  return [
    {
      what: `${what}: highest rate of publishes over that without functions`,
      asked: `≥ ${MIN_SAME_RATE} ×`,
      measured: `${ratio.toFixed(2)} ×`,
      isMet: ratio >= MIN_SAME_RATE,
    },
    ...(["p50Ms", "p99Ms"] as const).map((share) =>
      sameTarget(
        `${what}: what they add to a publish, ${nameOf(share)}`,
        result.without.paced,
        result.with.paced,
        share,
      ),
    ),
  ];
}

function loopTargets(result: FunctionsLoopResult | undefined): Target[] {
  if (result === undefined) return [];
  const { loops, deadlineMs, unbound, bound } = result;
  const isEnded = loops.failed === loops.begun && loops.longestMs <= deadlineMs + MAX_LATE_MS;
  return [
    {
      what: `${loops.begun} endless loops with a deadline of ${deadlineMs} ms: those that were ended, and the longest`,
      asked: `${loops.begun}, ≤ ${deadlineMs + MAX_LATE_MS} ms`,
      measured: `${loops.failed}, ${loops.longestMs.toFixed(0)} ms`,
      isMet: isEnded,
    },
    ...Object.entries({ "without functions": unbound, "with one": bound }).map(([which, series]) =>
      sameTarget(
        `endless loops: what they add to a publish on other channels ${which} over a process that is as busy, p99`,
        series.process,
        series.loop,
        "p99Ms",
      ),
    ),
  ];
}

/** That there is no difference but what is between two rounds of the same. */
function sameTarget(
  what: string,
  base: PacedSeries,
  other: PacedSeries,
  share: "p50Ms" | "p99Ms",
): Target {
  const { addedMs, noiseMs } = addedTime(base, other, share);
  return {
    what,
    asked: `≤ ${noiseMs.toFixed(2)} ms, as between rounds`,
    measured: `${addedMs.toFixed(2)} ms`,
    isMet: addedMs <= noiseMs,
  };
}

function nameOf(share: "p50Ms" | "p99Ms"): string {
  return share.replace("Ms", "");
}
