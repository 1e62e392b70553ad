import type { AccountPresence, ChannelSummary, Totals } from "@anywire/types";
import { useCallback, useEffect, useMemo, useSyncExternalStore } from "react";
import type { AnywireClient, ConnectionState, ConnectionStatus } from "../client.ts";
import {
  type Store,
  type StoreValue,
  selectChannel,
  selectChannels,
  selectTotals,
} from "../store/store.ts";
import type { Timeline, TimelineOptions } from "../timeline/timeline.ts";
import type { TimelineState } from "../timeline/timeline-state.ts";
import { useShared } from "./provider.ts";

/** The provider's client. */
export function useClient(): AnywireClient {
  return useShared().client;
}

/** The store of the provider's client. */
export function useStore(): Store {
  return useShared().store;
}

/** Whether there is a connection. */
export function useConnection(): ConnectionState {
  const client = useClient();
  const listen = useCallback((listener: () => void) => client.on("state", listener), [client]);
  const read = (): ConnectionState => client.state;
  return useSyncExternalStore(listen, read, read);
}

/** How the connection is doing: attempts that failed, and why it ended. */
export function useConnectionStatus(): ConnectionStatus {
  const client = useClient();
  const listen = useCallback((listener: () => void) => client.on("state", listener), [client]);
  const read = (): ConnectionStatus => client.status;
  return useSyncExternalStore(listen, read, read);
}

/** The account's channels that are shown, or with `hidden` those that are not, newest activity first. */
export function useChannels(hidden = false): readonly ChannelSummary[] {
  return useSelected((state) => selectChannels(state, hidden));
}

/** One channel; undefined when the account takes no part in it. Shown anew only when that row changes. */
export function useChannel(name: string): ChannelSummary | undefined {
  return useSelected((state) => selectChannel(state, name));
}

/** What a badge shows. */
export function useTotals(): Totals {
  return useSelected(selectTotals);
}

/**
 * What a selector gives of the store's state, which is null until the first snapshot has come.
 * @param select gives the same object for the same state
 */
export function useSelected<T>(select: (state: StoreValue) => T): T {
  const store = useStore();
  const listen = useCallback((listener: () => void) => store.subscribe(listener), [store]);
  const read = (): T => select(store.getState());
  return useSyncExternalStore(listen, read, read);
}

/**
 * A channel's messages, live, and what can be done with them. Open as long as the component is shown; components that show the
 * same channel share it, with the options of the first.
 *
 * @example
 * const [{ messages, outbox, typing }, timeline] = useTimeline(channel);
 * timeline.send("hello");
 */
export function useTimeline(
  channel: string,
  options?: TimelineOptions,
): readonly [TimelineState, Timeline] {
  const { timelines } = useShared();
  // biome-ignore lint/correctness/useExhaustiveDependencies: the options are those of the first call
  const timeline = useMemo(() => timelines.of(channel, options), [timelines, channel]);
  useEffect(() => timelines.use(timeline), [timelines, timeline]);
  const listen = useCallback((listener: () => void) => timeline.subscribe(listener), [timeline]);
  const read = (): TimelineState => timeline.getState();
  return [useSyncExternalStore(listen, read, read), timeline];
}

/** Whether an account is there, watched as long as the component is shown; undefined until the server has said it. */
export function usePresence(accountId: string): AccountPresence | undefined {
  const { presence } = useShared();
  useEffect(() => presence.watch(accountId), [presence, accountId]);
  const listen = useCallback((listener: () => void) => presence.subscribe(listener), [presence]);
  const read = (): AccountPresence | undefined => presence.getState().get(accountId);
  return useSyncExternalStore(listen, read, read);
}
