import type { FunctionRun } from "@anywire/types";
import type { ReactElement, ReactNode } from "react";
import { type Decision, describeDecision } from "./describe-decision.ts";
import { formatDuration } from "./describe-function.ts";

/** What came of a run: what was decided, what was logged, what would have been changed. */
export function RunOutcome({ run }: { readonly run: FunctionRun }): ReactElement {
  const { durationMs, queuedMs, lines, effects } = run;
  const decision = describeDecision(run);
  return (
    <>
      <header className="try-header outcome-header">
        <h2 className="outcome-title" data-tone={decision.tone}>
          {decision.title}
        </h2>
        <span className="outcome-time" title={`It waited ${formatDuration(queuedMs)} for a worker`}>
          {formatDuration(durationMs)}
        </span>
      </header>
      <DecisionText decision={decision} />
      <OutcomePart title="Effects" none="It changes nothing." count={effects.length}>
        {effects.map(({ method, args }, i) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: the same effect can come twice, and their order stays
          <li key={i}>
            {method}({args.map((arg) => JSON.stringify(arg)).join(", ")})
          </li>
        ))}
      </OutcomePart>
      <OutcomePart title="Log" none="It logs nothing." count={lines.length}>
        {lines.map(({ level, text, fields }, i) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: the same line can come twice, and their order stays
          <li key={i} data-level={level}>
            <span className="log-level">{level}</span> {text}
            {fields !== undefined && <span className="log-fields"> {JSON.stringify(fields)}</span>}
          </li>
        ))}
      </OutcomePart>
    </>
  );
}

function DecisionText({ decision: { text, code } }: { readonly decision: Decision }): ReactElement {
  return (
    <>
      {text !== undefined && <p className="outcome-text">{text}</p>}
      {code !== undefined && <pre className="outcome-code">{code}</pre>}
    </>
  );
}

function OutcomePart({
  title,
  none,
  count,
  children,
}: {
  readonly title: string;
  readonly none: string;
  readonly count: number;
  readonly children: ReactNode;
}): ReactElement {
  return (
    <section className="outcome-part" aria-label={title}>
      <h3>{title}</h3>
      {count === 0 ? <p className="outcome-none">{none}</p> : <ol>{children}</ol>}
    </section>
  );
}
