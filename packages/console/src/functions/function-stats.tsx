import type { FunctionStatusAnswer } from "@anywire/types";
import type { ReactElement } from "react";
import { formatWhen } from "../conversation/times.ts";
import {
  formatCount,
  formatDuration,
  NOTHING,
  runsAfter,
  shortRevision,
} from "./describe-function.ts";

/** How a function does, in numbers. */
export function FunctionStats({ status }: { readonly status: FunctionStatusAnswer }): ReactElement {
  const { stats, lag, revision } = status;
  const { runs, errors, retries, differences, p50Ms, p99Ms, lastRunAt } = stats;
  const rows: readonly (readonly [label: string, value: string, isBad?: boolean])[] = [
    ["Runs", formatCount(runs)],
    ["Errors", formatCount(errors), errors > 0],
    ["p50", formatDuration(p50Ms)],
    ["p99", formatDuration(p99Ms)],
    ...(runsAfter(status)
      ? ([
          ["Retries", formatCount(retries)],
          ["Waiting", lag === null ? NOTHING : formatCount(lag)],
        ] as const)
      : []),
    ...(differences > 0 ? ([["Other in shadow", formatCount(differences)]] as const) : []),
    ["Last run", lastRunAt === null ? NOTHING : formatWhen(lastRunAt, Date.now())],
    ["Revision", shortRevision(revision)],
  ];
  return (
    <dl className="function-stats">
      {rows.map(([label, value, isBad = false]) => (
        <div key={label} data-bad={isBad}>
          <dt>{label}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}
