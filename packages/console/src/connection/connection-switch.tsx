import type { ConnectionState } from "@anywire/client";
import type { ReactElement } from "react";

/** Closes the connection, or opens it again. */
export function ConnectionSwitch({
  state,
  onOnline,
  onOffline,
}: {
  readonly state: ConnectionState;
  readonly onOnline: () => void;
  readonly onOffline: () => void;
}): ReactElement {
  const isOff = state === "disconnected";
  return (
    <button
      type="button"
      className={isOff ? "button button-primary" : "button"}
      onClick={isOff ? onOnline : onOffline}
    >
      {isOff ? "Come back" : "Go offline"}
    </button>
  );
}
