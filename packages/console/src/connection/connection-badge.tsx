import type { ReactElement } from "react";
import type { ConnectionDescription } from "./describe-connection.ts";
import "./connection.css";

/** A connection's state, in colour and in words. */
export function ConnectionBadge({ tone, label }: ConnectionDescription): ReactElement {
  return (
    <span className="connection-badge" data-tone={tone} role="status">
      <span className="connection-dot" />
      {label}
    </span>
  );
}
