import { unmatchedRatio } from "./functions-targets.ts";
import { microseconds, milliseconds, type Row, rate, section, times } from "./markdown.ts";
import type { FunctionsAfterResult } from "./measures/functions-after.ts";
import type { FunctionsBeforeResult } from "./measures/functions-before.ts";
import type { Beside, FunctionsLoopResult } from "./measures/functions-loop.ts";
import type { FunctionsUnmatchedResult } from "./measures/functions-unmatched.ts";
import { addedTime, type PacedSeries } from "./measures/paced-series.ts";
import type { BenchResults } from "./results.ts";

const BESIDE: Readonly<Record<Beside, string>> = {
  nothing: "nothing",
  process: "a process that is as busy as the loop",
  loop: "a function in an endless loop",
};

/** What was found of functions, as Markdown. */
export function functionsSections(results: BenchResults): string[] {
  return [
    beforeSection(results["functions-before"]),
    afterSection(results["functions-after"]),
    unmatchedSection(results["functions-unmatched"]),
    loopSection(results["functions-loop"]),
  ];
}

function beforeSection(result: FunctionsBeforeResult | undefined): string {
  if (result === undefined) return "";
  return section(
    `Functions: from a publish to its acknowledgement, ${rate(result.perSecond)} a second`,
    ["", "p50", "p99", "added p50", "added p99", "server's processor time, each"],
    [
      ["no functions", ...pacedCells(result.without), microseconds(result.without.cpuMicros)],
      [
        "one before each message, which does nothing",
        ...pacedCells(result.with, result.without),
        microseconds(result.with.cpuMicros),
      ],
    ],
  );
}

function afterSection(result: FunctionsAfterResult | undefined): string {
  if (result === undefined) return "";
  return section(
    `Functions: runs a second after messages on ${result.channels} channels, one worker, a function that does nothing`,
    ["", "runs/s", "acknowledged/s meanwhile"],
    [
      [`behind by ${rate(result.entries)} messages`, rate(result.catchUpPerSecond), "–"],
      [
        `${result.channels} publishers, as fast as they may`,
        rate(result.livePerSecond),
        rate(result.publishedPerSecond),
      ],
    ],
  );
}

function unmatchedSection(result: FunctionsUnmatchedResult | undefined): string {
  if (result === undefined) return "";
  const { functions, perSecond, publishers, without, with: bound } = result;
  return section(
    `Functions: messages that none is bound to, ${rate(perSecond)} a second, and from ${publishers} publishers as fast as they may`,
    [
      "",
      ...["p50", "p99", "added p50", "added p99", "server's processor time, each"],
      ...["acknowledged/s", ""],
    ],
    [
      [
        "no functions",
        ...pacedCells(without.paced),
        microseconds(without.paced.cpuMicros),
        rate(without.acknowledgedPerSecond),
        "",
      ],
      [
        `${rate(functions)} for other channels`,
        ...pacedCells(bound.paced, without.paced),
        microseconds(bound.paced.cpuMicros),
        rate(bound.acknowledgedPerSecond),
        times(unmatchedRatio(result)),
      ],
    ],
  );
}

function loopSection(result: FunctionsLoopResult | undefined): string {
  if (result === undefined) return "";
  const { perSecond, deadlineMs, everyMs, unbound, bound, loops } = result;
  const rows = (where: string, series: FunctionsLoopResult["bound"]): Row[] =>
    (Object.keys(BESIDE) as Beside[]).map((beside) => [
      `${where}, beside ${BESIDE[beside]}`,
      ...pacedCells(series[beside], beside === "nothing" ? undefined : series.nothing),
    ]);
  const paced = section(
    `Functions: ${rate(perSecond)} publishes a second on other channels, while one loops every ${everyMs} ms until its deadline of ${deadlineMs} ms`,
    ["", "p50", "p99", "added p50", "added p99"],
    [...rows("no function", unbound), ...rows("one that does nothing", bound)],
  );
  return `${paced}\n\nOf ${loops.begun} loops ${loops.failed} failed as late, and ${loops.replaced} workers were replaced. From the message to its refusal: p50 ${milliseconds(loops.p50Ms)}, the longest ${milliseconds(loops.longestMs)}.`;
}

/** p50 and p99, and what they have more than those of another series. */
function pacedCells(series: PacedSeries, base?: PacedSeries): Row {
  return [
    milliseconds(series.p50Ms),
    milliseconds(series.p99Ms),
    ...(["p50Ms", "p99Ms"] as const).map((share) =>
      base === undefined ? "" : milliseconds(addedTime(base, series, share).addedMs),
    ),
  ];
}
