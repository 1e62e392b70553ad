import type { ReactElement } from "react";

/** Says that nobody could be signed in, and why. */
export function Failure({
  reason,
  onRetry,
}: {
  readonly reason: string;
  readonly onRetry: () => void;
}): ReactElement {
  return (
    <div className="card" role="alert">
      <h1 className="card-title">The page could not sign in</h1>
      <p className="card-text">It was refused with: {reason}.</p>
      <button type="button" className="button button-primary" onClick={onRetry}>
        Try again
      </button>
    </div>
  );
}
