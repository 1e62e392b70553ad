import type { DeadLettersPage } from "@anywire/types";
import { type ReactElement, useState } from "react";
import { formatWhen } from "../conversation/times.ts";
import { useOperatorHere } from "./operator-context.ts";
import { useAction } from "./use-action.ts";
import type { KnownDeadLetters } from "./use-dead-letters.ts";
import "./dead-letters.css";

type DeadLetter = DeadLettersPage["deadLetters"][number];

/** What a function was given up on, to look at and to have it handled again. */
export function DeadLettersView({
  name,
  letters: { page, failure: readFailure, refresh },
}: {
  readonly name: string;
  readonly letters: KnownDeadLetters;
}): ReactElement {
  const { api } = useOperatorHere();
  const { isBusy, failure, run } = useAction();
  const [outcome, setOutcome] = useState("");
  const replay = (offset?: number): void =>
    void run(async () => {
      setOutcome("");
      const { replayed, failed, isElsewhere } = await api.replay(name, offset);
      setOutcome(isElsewhere ? ELSEWHERE : outcomeText(replayed, failed));
      await refresh();
    });
  const deadLetters = page?.deadLetters ?? [];
  return (
    <section className="letters" aria-label="Dead letters">
      <header className="letters-header">
        <p className="letters-outcome" role="status">
          {failure ?? readFailure ?? (outcome || countText(page))}
        </p>
        {deadLetters.length > 0 && (
          <button type="button" className="button" disabled={isBusy} onClick={() => replay()}>
            Replay all
          </button>
        )}
      </header>
      {page !== undefined && deadLetters.length === 0 && (
        <p className="letters-empty">
          What {name} fails on, again and again, is put aside here, so that it loses nothing and
          holds up nothing.
        </p>
      )}
      <ol className="letters-list">
        {deadLetters.map((letter) => (
          <LetterRow
            key={letter.entry.id}
            letter={letter}
            isBusy={isBusy}
            onReplay={() => replay(letter.entry.offset)}
          />
        ))}
      </ol>
    </section>
  );
}

const ELSEWHERE =
  "Another server works this function and was asked to: its log tells what becomes of it.";

function LetterRow({
  letter: { entry, attempts, error, at },
  isBusy,
  onReplay,
}: {
  readonly letter: DeadLetter;
  readonly isBusy: boolean;
  readonly onReplay: () => void;
}): ReactElement {
  const tries = attempts === 1 ? "1 attempt" : `${attempts} attempts`;
  return (
    <li className="letter">
      <div className="letter-what">
        <p className="letter-error">{error}</p>
        <p className="letter-about">
          {entry.kind} {entry.offset} on <code>{entry.channel}</code> · {tries} · given up{" "}
          {formatWhen(at, Date.now())}
        </p>
        <details>
          <summary>What it was</summary>
          <pre>{JSON.stringify(entry.data, null, 2)}</pre>
        </details>
      </div>
      <button
        type="button"
        className="button"
        aria-label={`Replay ${entry.kind} ${entry.offset}`}
        disabled={isBusy}
        onClick={onReplay}
      >
        Replay
      </button>
    </li>
  );
}

function countText(page: DeadLettersPage | undefined): string {
  if (page === undefined) return "";
  const count = page.deadLetters.length;
  if (count === 0) return "Nothing was given up";
  if (page.cursor !== undefined) return `The oldest ${count} events that were given up`;
  return count === 1 ? "1 event was given up" : `${count} events were given up`;
}

function outcomeText(replayed: number, failed: number): string {
  if (failed === 0) return `${replayed} replayed`;
  return `${replayed} replayed, ${failed} failed once more`;
}
