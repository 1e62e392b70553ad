import type { FunctionRun, FunctionStatusAnswer } from "@anywire/types";
import { type KeyboardEvent, type ReactElement, useId, useState } from "react";
import { Icon } from "../app/icon.tsx";
import { useOperatorHere } from "./operator-context.ts";
import { readEvent } from "./read-event.ts";
import { RunOutcome } from "./run-outcome.tsx";
import { sampleEvent } from "./sample-event.ts";
import { useAction } from "./use-action.ts";
import "./try-it.css";

/** Runs a function once, on an event that one makes up. */
export function TryIt({ status }: { readonly status: FunctionStatusAnswer }): ReactElement {
  const { api } = useOperatorHere();
  const { isBusy, failure, run } = useAction();
  const problemId = useId();
  const [text, setText] = useState(() => sampleText(status));
  const [isLive, setIsLive] = useState(false);
  const [outcome, setOutcome] = useState<FunctionRun>();
  const event = readEvent(text);
  const problem = event instanceof Error ? event.message : failure;

  const start = (): void => {
    if (event instanceof Error) return;
    const effects = isLive ? "live" : "discard";
    void run(async () => setOutcome(await api.run(status.name, { event, effects })));
  };
  const onKeyDown = (key: KeyboardEvent): void => {
    if (key.key !== "Enter" || !(key.metaKey || key.ctrlKey)) return;
    key.preventDefault();
    start();
  };

  return (
    <div className="try">
      <section className="try-event" aria-label="Event">
        <header className="try-header">
          <h2 className="log-title">Event</h2>
          <button type="button" className="link" onClick={() => setText(sampleText(status))}>
            Reset
          </button>
        </header>
        <textarea
          aria-label="Event"
          aria-invalid={problem !== undefined}
          aria-describedby={problemId}
          spellCheck={false}
          autoComplete="off"
          value={text}
          onChange={(change) => setText(change.target.value)}
          onKeyDown={onKeyDown}
        />
        <p id={problemId} className="try-problem" role="alert">
          {problem}
        </p>
        <div className="try-buttons">
          <label className="try-live">
            <input
              type="checkbox"
              checked={isLive}
              onChange={(change) => setIsLive(change.target.checked)}
            />
            Let its effects happen
          </label>
          <button
            type="button"
            className="button button-primary try-run"
            title="Ctrl Enter"
            disabled={isBusy || event instanceof Error}
            onClick={start}
          >
            <Icon name="play" size={13} />
            Run
          </button>
        </div>
      </section>
      <section className="try-outcome" aria-label="Outcome" aria-live="polite">
        {outcome === undefined ? (
          <p className="try-empty">
            Run it, and see here what it decides, what it logs and what it would change. Nothing is
            changed unless you say so.
          </p>
        ) : (
          <RunOutcome run={outcome} />
        )}
      </section>
    </div>
  );
}

function sampleText(status: FunctionStatusAnswer): string {
  return JSON.stringify(sampleEvent(status, Date.now()), null, 2);
}
