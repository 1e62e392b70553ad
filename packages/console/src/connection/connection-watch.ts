import type { AnywireClient, ConnectionStatus } from "@anywire/client";

/** The present status of a client's connection. A store for `useSyncExternalStore`. */
export interface ConnectionWatch {
  /** Called on every change until the returned function is called. */
  readonly subscribe: (listener: () => void) => () => void;
  /** The same object until something changes. */
  readonly getSnapshot: () => ConnectionStatus;
}

/** Watches a client from now on: it tells of its attempts and errors once, to those who listen. */
export function watchConnection(client: AnywireClient): ConnectionWatch {
  let status: ConnectionStatus = { state: client.state, failedAttempts: 0 };
  client.on("state", (next) => {
    status = next;
  });
  return {
    subscribe: (listener) => client.on("state", listener),
    getSnapshot: () => status,
  };
}
