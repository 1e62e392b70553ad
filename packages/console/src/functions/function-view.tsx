import type { FunctionStatusAnswer } from "@anywire/types";
import { type ReactElement, useEffect, useRef, useState } from "react";
import { Icon } from "../app/icon.tsx";
import { Tabs } from "../app/tabs.tsx";
import { DeadLettersView } from "./dead-letters-view.tsx";
import { bindingText, runsAfter } from "./describe-function.ts";
import { FunctionStats } from "./function-stats.tsx";
import { FunctionSwitch } from "./function-switch.tsx";
import { LogView } from "./log-view.tsx";
import { StateBadge } from "./state-badge.tsx";
import { TryIt } from "./try-it.tsx";
import { useDeadLetters } from "./use-dead-letters.ts";
import "./function-view.css";

type View = "log" | "try" | "letters";

/** One function: how it does, what it logs, what it was given up on; a place to try it. */
export function FunctionView({
  status,
  onClose,
  onChange,
}: {
  readonly status: FunctionStatusAnswer;
  readonly onClose: () => void;
  /** Something about it was changed. */
  readonly onChange: () => Promise<void>;
}): ReactElement {
  const { name, trigger, state } = status;
  const [view, setView] = useState<View>("log");
  const title = useRef<HTMLHeadingElement>(null);
  // What was chosen is gone, and the keyboard's place with it.
  useEffect(() => title.current?.focus(), []);
  const letters = useDeadLetters(name, runsAfter(status));
  return (
    <>
      <header className="functions-header">
        <button
          type="button"
          className="icon-button function-back"
          aria-label="All functions"
          onClick={onClose}
        >
          <Icon name="back" />
        </button>
        <div className="functions-what">
          <h1 ref={title} className="functions-title" tabIndex={-1}>
            {name} <StateBadge state={state} />
          </h1>
          <p className="functions-about">
            {trigger} <code>{bindingText(status)}</code>
          </p>
        </div>
        <FunctionSwitch status={status} onChange={onChange} />
      </header>
      <div className="functions-body">
        <FunctionStats status={status} />
        <LastError error={status.stats.lastError} />
        <div className="function-tabs">
          <Tabs
            label={`About ${name}`}
            items={[
              { id: "log", label: "Log" },
              { id: "try", label: "Try it" },
              ...(runsAfter(status)
                ? [{ id: "letters" as const, label: <LettersLabel count={letters.label} /> }]
                : []),
            ]}
            active={view}
            onSelect={setView}
          />
        </div>
        <div
          id={`${view}-panel`}
          className="function-panel"
          role="tabpanel"
          aria-labelledby={`${view}-tab`}
        >
          {view === "log" && <LogView only={name} />}
          {view === "try" && <TryIt status={status} />}
          {view === "letters" && <DeadLettersView name={name} letters={letters} />}
        </div>
      </div>
    </>
  );
}

function LettersLabel({ count }: { readonly count: string }): ReactElement {
  return <>Dead letters {count !== "0" && <span className="function-tab-count">{count}</span>}</>;
}

function LastError({
  error,
}: {
  readonly error: FunctionStatusAnswer["stats"]["lastError"];
}): ReactElement | null {
  if (error === null) return null;
  const { message, stack, at } = error;
  return (
    <details className="last-error">
      <summary>
        <Icon name="warning" />
        <span className="last-error-text">{message}</span>
        <time dateTime={new Date(at).toISOString()}>{LAST.format(at)}</time>
        <Icon name="chevron" />
      </summary>
      <pre>{stack ?? "There is no stack: it did not fail at a place in its code."}</pre>
    </details>
  );
}

const LAST = new Intl.DateTimeFormat("en", { dateStyle: "medium", timeStyle: "short" });
