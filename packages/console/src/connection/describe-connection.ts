import type { ConnectionStatus } from "@anywire/client";

/** What there is to say of a connection. */
export interface ConnectionDescription {
  readonly tone: "good" | "waiting" | "off" | "bad";
  /** Two or three words. */
  readonly label: string;
  /** A sentence, when something is to be known or done. */
  readonly notice?: string;
}

/** Puts a connection's status into words. */
export function describeConnection({
  state,
  failedAttempts,
  error,
}: ConnectionStatus): ConnectionDescription {
  if (state === "connected") return { tone: "good", label: "Connected" };
  if (error !== undefined) {
    return { tone: "bad", label: "Disconnected", notice: `The server said: ${error.message}.` };
  }
  if (state === "disconnected") {
    return {
      tone: "off",
      label: "Offline",
      notice: "What you write now waits here and goes out when you come back.",
    };
  }
  if (failedAttempts === 0) return { tone: "waiting", label: "Connecting" };
  return {
    tone: "waiting",
    label: "Reconnecting",
    notice: `The server can’t be reached. Trying again, attempt ${failedAttempts + 1}.`,
  };
}
