import type { DeploymentAnswer, FunctionStatusAnswer } from "@anywire/types";
import { type MouseEvent, type ReactElement, useEffect, useRef } from "react";
import { formatWhen } from "../conversation/times.ts";
import {
  bindingText,
  formatCount,
  formatDuration,
  NOTHING,
  shortRevision,
} from "./describe-function.ts";
import { StateBadge } from "./state-badge.tsx";
import "./function-table.css";

/** All functions, a row each, with how they do. */
export function FunctionTable({
  functions,
  deployment,
  focused,
  onOpen,
}: {
  readonly functions: readonly FunctionStatusAnswer[];
  readonly deployment: DeploymentAnswer;
  /** The name of the function that one comes back from. */
  readonly focused: string | undefined;
  readonly onOpen: (name: string) => void;
}): ReactElement {
  return (
    <div className="function-rows">
      <table className="function-table">
        <thead>
          <tr>
            <th scope="col">Function</th>
            <th scope="col">State</th>
            <th scope="col" className="function-number">
              Runs
            </th>
            <th scope="col" className="function-number">
              Errors
            </th>
            <th scope="col" className="function-number" title="Half of the runs took no longer">
              p50
            </th>
            <th scope="col" className="function-number" title="99 of 100 runs took no longer">
              p99
            </th>
            <th scope="col" className="function-number" title="Events that wait for it">
              Waiting
            </th>
            <th scope="col" className="function-number">
              Last run
            </th>
            <th scope="col">Revision</th>
          </tr>
        </thead>
        <tbody>
          {functions.map((one) => (
            <FunctionRow
              key={`${one.name} ${one.revision}`}
              status={one}
              deployment={deployment}
              takesFocus={one.name === focused}
              onOpen={onOpen}
            />
          ))}
        </tbody>
      </table>
    </div>
  );
}

function FunctionRow({
  status,
  deployment,
  takesFocus,
  onOpen,
}: {
  readonly status: FunctionStatusAnswer;
  readonly deployment: DeploymentAnswer;
  readonly takesFocus: boolean;
  readonly onOpen: (name: string) => void;
}): ReactElement {
  const { name, trigger, state, stats, lag, revision } = status;
  const link = useRef<HTMLAnchorElement>(null);
  useEffect(() => {
    if (takesFocus) link.current?.focus();
  }, [takesFocus]);
  const open = (event: MouseEvent): void => {
    // In a new tab it is the browser's.
    if (event.metaKey || event.ctrlKey || event.shiftKey) return;
    event.preventDefault();
    onOpen(name);
  };
  return (
    <tr className="function-row" data-state={state}>
      <th scope="row" className="function-what">
        <a
          ref={link}
          className="function-name"
          href={`?page=functions&function=${name}`}
          onClick={open}
        >
          {name}
        </a>
        <span className="function-binding">
          {trigger} <code>{bindingText(status)}</code>
        </span>
      </th>
      <td className="function-state">
        <StateBadge state={state} />
      </td>
      <td className="function-number" data-label="runs">
        {formatCount(stats.runs)}
      </td>
      <td className="function-number" data-label="errors" data-bad={stats.errors > 0}>
        {formatCount(stats.errors)}
      </td>
      <td className="function-number" data-label="p50" data-none={stats.p50Ms === null}>
        {formatDuration(stats.p50Ms)}
      </td>
      <td className="function-number" data-label="p99" data-none={stats.p99Ms === null}>
        {formatDuration(stats.p99Ms)}
      </td>
      <td className="function-number" data-label="waiting" data-none={lag === null || lag === 0}>
        {lag === null ? NOTHING : formatCount(lag)}
      </td>
      <td className="function-number function-last">
        {stats.lastRunAt === null ? NOTHING : formatWhen(stats.lastRunAt, Date.now())}
      </td>
      <td className="function-revision">
        <code title={revision}>{shortRevision(revision)}</code>
        {deployment.canary?.revision === revision && " canary"}
        {deployment.shadow === revision && " shadow"}
      </td>
    </tr>
  );
}
