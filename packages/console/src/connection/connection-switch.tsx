import { useClient, useConnection } from "@anywire/client/react";
import type { ReactElement } from "react";

/** Closes the connection, or opens it again. */
export function ConnectionSwitch(): ReactElement {
  const client = useClient();
  const isOff = useConnection() === "disconnected";
  return (
    <button
      type="button"
      className={isOff ? "button button-primary" : "button"}
      onClick={() => (isOff ? client.connect() : client.disconnect())}
    >
      {isOff ? "Come back" : "Go offline"}
    </button>
  );
}
