import { createContext, createElement, type ReactNode, useContext } from "react";
import type { AnywireClient } from "../client.ts";
import { createPresenceWatch, type PresenceWatch } from "../presence/presence-watch.ts";
import { createStore, type Store } from "../store/store.ts";
import { SharedTimelines } from "./shared-timelines.ts";

/** What the hooks work with. */
export interface Shared {
  readonly client: AnywireClient;
  readonly store: Store;
  readonly timelines: SharedTimelines;
  readonly presence: PresenceWatch;
}

/** One store for each client, for as long as there is the client: made without an effect, so that the first render has it. */
const sharedBy = new WeakMap<AnywireClient, Shared>();

const SharedContext = createContext<Shared | undefined>(undefined);

/** What a provider is given. */
export interface AnywireProviderProps {
  readonly client: AnywireClient;
  /** The store to show, if there is one already for this client. */
  readonly store?: Store;
  readonly children?: ReactNode;
}

/**
 * Gives a client to the hooks of the components below it. Whoever made the client connects it.
 *
 * @example
 * <AnywireProvider client={client}><Inbox /></AnywireProvider>
 */
export function AnywireProvider({ client, store, children }: AnywireProviderProps): ReactNode {
  return createElement(SharedContext.Provider, { value: sharedOf(client, store) }, children);
}

/**
 * What all components below one provider share.
 * @throws {Error} when there is no provider.
 */
export function useShared(): Shared {
  const shared = useContext(SharedContext);
  if (shared === undefined) throw new Error("put an AnywireProvider around the component");
  return shared;
}

function sharedOf(client: AnywireClient, store: Store | undefined): Shared {
  let shared = sharedBy.get(client);
  if (shared === undefined) {
    const timelines = new SharedTimelines(client);
    const presence = createPresenceWatch(client);
    shared = { client, store: store ?? createStore(client), timelines, presence };
    sharedBy.set(client, shared);
  }
  return shared;
}
