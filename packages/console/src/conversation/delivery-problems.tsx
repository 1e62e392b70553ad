import type { ReactElement } from "react";
import { type DeliveriesSummary, problemText } from "./describe-deliveries.ts";
import type { MessageActions } from "./use-message-actions.ts";
import { useNames } from "./use-names.ts";

/** What did not arrive outside, or may not have, and why; offers to send it again. */
export function DeliveryProblems({
  outside,
  actions,
}: {
  /** Undefined for a message that stays in the app. */
  readonly outside: DeliveriesSummary | undefined;
  readonly actions: MessageActions;
}): ReactElement {
  const nameOf = useNames();
  const problems = outside?.problems ?? [];
  return (
    <>
      {problems.map((problem) => {
        const { id, status, participant } = problem;
        return (
          <span key={id} className="message-meta message-failure" data-status={status}>
            <span className="message-problem">
              {problems.length > 1 && `${nameOf(participant)}: `}
              {problemText(problem)}
            </span>
            <button
              type="button"
              className="link"
              title={status === "failed" ? undefined : "It may arrive twice"}
              onClick={() => actions.sendAgain(id)}
            >
              {status === "failed" ? "Retry" : "Send again"}
            </button>
          </span>
        );
      })}
    </>
  );
}
