import { memo, type ReactElement, useMemo, useState } from "react";
import { useStickyScroll } from "../conversation/use-sticky-scroll.ts";
import { filterLines, LEVELS, type LogLevel, type LogLine } from "./log-line.ts";
import { useFunctionLog, useOperatorHere } from "./operator-context.ts";
import { useAction } from "./use-action.ts";
import "./log-view.css";

const TIME = new Intl.DateTimeFormat("en-GB", {
  hour: "2-digit",
  minute: "2-digit",
  second: "2-digit",
  fractionalSecondDigits: 3,
});
const DATE = new Intl.DateTimeFormat("en", { dateStyle: "full", timeStyle: "long" });
const LEVEL_LABELS: Readonly<Record<LogLevel, string>> = {
  debug: "All levels",
  info: "Info and above",
  warn: "Warnings and errors",
  error: "Errors only",
};

/** What functions log, as it comes: of one function, or of those that one chooses. */
export function LogView({
  names = [],
  only,
}: {
  /** To choose from. */
  readonly names?: readonly string[];
  /** The one function that it is about. */
  readonly only?: string;
}): ReactElement {
  const [chosen, setChosen] = useState("");
  const [level, setLevel] = useState<LogLevel>("debug");
  const name = only ?? (chosen || undefined);
  return (
    <section className="log" aria-label="Log">
      <header className="log-header">
        <h2 className={only === undefined ? "log-title" : "sr-only"}>Log</h2>
        <LiveBadge />
        <div className="log-filters">
          {only === undefined && (
            <select
              aria-label="Function"
              value={chosen}
              onChange={(event) => setChosen(event.target.value)}
            >
              <option value="">All functions</option>
              {[...new Set(names)].map((one) => (
                <option key={one}>{one}</option>
              ))}
            </select>
          )}
          <select
            aria-label="Level"
            value={level}
            onChange={(event) => setLevel(event.target.value as LogLevel)}
          >
            {LEVELS.map((one) => (
              <option key={one} value={one}>
                {LEVEL_LABELS[one]}
              </option>
            ))}
          </select>
        </div>
      </header>
      <LogLines name={name} level={level} hasNames={only === undefined} />
    </section>
  );
}

function LiveBadge(): ReactElement | null {
  const log = useFunctionLog();
  if (log === undefined || log.refusal !== undefined) return null;
  return <span className="log-live">{log.isRead ? "Live" : "Reading"}</span>;
}

function LogLines({
  name,
  level,
  hasNames,
}: {
  readonly name: string | undefined;
  readonly level: LogLevel;
  readonly hasNames: boolean;
}): ReactElement {
  const log = useFunctionLog();
  const { log: source } = useOperatorHere();
  const older = useAction();
  const lines = useMemo(
    () => filterLines(log?.lines ?? [], { name, level }),
    [log?.lines, name, level],
  );
  const { ref, isAway, toEnd, onScroll } = useStickyScroll(lines);
  return (
    <div className="log-frame">
      <div
        ref={ref}
        className="log-lines"
        onScroll={onScroll}
        role="log"
        aria-label="Lines"
        aria-live="off"
      >
        {log?.hasOlder && (
          <button
            type="button"
            className="button log-older"
            disabled={older.isBusy}
            onClick={() => void older.run(async () => source?.lines.readOlder())}
          >
            Earlier lines
          </button>
        )}
        {lines.length === 0 && <p className="log-empty">{emptyText(log, level)}</p>}
        <ol>
          {lines.map((line) => (
            <LogRow key={line.key} line={line} hasName={hasNames} />
          ))}
        </ol>
      </div>
      {isAway && (
        <button type="button" className="button log-end" onClick={toEnd}>
          Newest lines
        </button>
      )}
    </div>
  );
}

function emptyText(log: ReturnType<typeof useFunctionLog>, level: LogLevel): string {
  if (log === undefined) return "To follow the log, sign in with a token for it, too.";
  if (log.refusal !== undefined) return `The log can’t be read: ${log.refusal}.`;
  if (!log.isRead) return "";
  if (level !== "debug") return "Nothing as important as that was logged.";
  return "Nothing was logged yet. What a function says with log.info(…), and each of its failures, appears here at once.";
}

const LogRow = memo(function LogRow({
  line: { at, name, level, text, fields, channel, stack },
  hasName,
}: {
  readonly line: LogLine;
  readonly hasName: boolean;
}): ReactElement {
  return (
    <li className="log-row" data-level={level}>
      <time dateTime={new Date(at).toISOString()} title={DATE.format(at)}>
        {TIME.format(at)}
      </time>
      <span className="log-level">{level}</span>
      {hasName && <span className="log-name">{name}</span>}
      <span className="log-text">
        {text}
        {fields !== "" && <span className="log-fields"> {fields}</span>}
        {channel !== undefined && <span className="log-channel"> {channel}</span>}
        {stack !== undefined && <pre className="log-stack">{stack}</pre>}
      </span>
    </li>
  );
});
