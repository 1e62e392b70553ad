import type { ChannelSummary, Totals } from "@anywire/types";
import { useSyncExternalStore } from "react";
import {
  type Store,
  type StoreValue,
  selectChannel,
  selectChannels,
  selectTotals,
} from "../store/store.ts";

/** The whole state; null until the first snapshot has come. The component is shown anew after each change. */
export function useStore(store: Store): StoreValue {
  const getState = (): StoreValue => store.getState();
  return useSyncExternalStore((listener) => store.subscribe(listener), getState, getState);
}

/** The account's channels that are shown, or with `hidden` those that are not, newest activity first. */
export function useChannels(store: Store, hidden = false): readonly ChannelSummary[] {
  return useSelected(store, (state) => selectChannels(state, hidden));
}

/** One channel; undefined when the account takes no part in it. Shown anew only when that row changes. */
export function useChannel(store: Store, name: string): ChannelSummary | undefined {
  return useSelected(store, (state) => selectChannel(state, name));
}

/** What a badge shows. */
export function useTotals(store: Store): Totals {
  return useSelected(store, selectTotals);
}

/** @param select gives the same object for the same state */
function useSelected<T>(store: Store, select: (state: StoreValue) => T): T {
  const read = (): T => select(store.getState());
  return useSyncExternalStore((listener) => store.subscribe(listener), read, read);
}
