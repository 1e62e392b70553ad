import { type ReactElement, useEffect, useRef } from "react";
import { networkName } from "../networks/network-names.ts";
import type { Outside } from "./use-abilities.ts";

/** Asks once more before a message is deleted, and says who keeps it. */
export function DeleteQuestion({
  keeper,
  onDelete,
  onLeave,
}: {
  /** The network where it stays; null where it is deleted for everyone. */
  readonly keeper: Outside;
  readonly onDelete: () => void;
  /** It is answered: the focus needs another place. */
  readonly onLeave: () => void;
}): ReactElement {
  const question = useRef<HTMLSpanElement>(null);
  // On what does no harm.
  useEffect(() => question.current?.querySelector<HTMLElement>("button:last-child")?.focus(), []);
  const answer = (): void => {
    onDelete();
    onLeave();
  };
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset is not laid out as a line
    <span
      ref={question}
      className="message-meta message-decision"
      role="group"
      aria-label="Delete this message?"
    >
      {keeper !== null && (
        <span>
          {keeper === undefined ? "The network" : networkName(keeper.network)} can’t take it back.
        </span>
      )}
      <span className="message-decision">
        <button type="button" className="link link-danger" onClick={answer}>
          {keeper === null ? "Delete for everyone" : "Delete on your side"}
        </button>
        <button type="button" className="link" onClick={onLeave}>
          Keep
        </button>
      </span>
    </span>
  );
}
