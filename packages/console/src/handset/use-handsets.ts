import { createContext, useContext, useEffect, useSyncExternalStore } from "react";
import type { HandsetRef, Handsets, HandsetsState } from "./handsets.ts";

const Context = createContext<Handsets | undefined>(undefined);

/** Gives simulated networks to what is inside. */
export const HandsetsProvider = Context.Provider;

/** The simulated networks that this page plays on. */
export function useHandsets(): Handsets {
  const handsets = useContext(Context);
  if (handsets === undefined) throw new Error("there is no HandsetsProvider around it");
  return handsets;
}

/** What is known of them. */
export function useHandsetsState(): HandsetsState {
  const { subscribe, getState } = useHandsets();
  return useSyncExternalStore(subscribe, getState);
}

/** Follows somebody's messages while it is shown. */
export function useWatched({ network, person }: HandsetRef): void {
  const handsets = useHandsets();
  useEffect(() => handsets.watch({ network, person }), [handsets, network, person]);
}
