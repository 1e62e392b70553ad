import { useCallback, useEffect, useState } from "react";
import type { HandsetRef, HandsetsState } from "./handsets.ts";
import { addressOf, closed, firstOnes, opened, refsInAddress, renamed } from "./open-handsets.ts";

/** Who is open, side by side. */
export interface OpenHandsets {
  readonly refs: readonly HandsetRef[];
  open(ref: HandsetRef): void;
  close(ref: HandsetRef): void;
  rename(ref: HandsetRef, to: string): void;
}

/** Who is open, kept in the page's address; where it says nothing, whoever one would begin with. */
export function useOpenHandsets(state: HandsetsState): OpenHandsets {
  const [chosen, setChosen] = useState(() => refsInAddress(location.search));
  const [first, setFirst] = useState<readonly HandsetRef[]>();
  const isKnown = state.phase === "open" && state.networks.every(({ id }) => state.persons.has(id));
  // Once: what comes later must not move what somebody looks at.
  useEffect(() => {
    if (isKnown) setFirst((known) => known ?? firstOnes(state));
  }, [isKnown, state]);
  const refs = chosen ?? first ?? [];
  const change = useCallback(
    (make: (refs: readonly HandsetRef[]) => readonly HandsetRef[]) => {
      const next = make(refs);
      setChosen(next);
      window.history.replaceState(null, "", addressOf(next));
    },
    [refs],
  );
  return {
    refs,
    open: (ref) => change((all) => opened(all, ref)),
    close: (ref) => change((all) => closed(all, ref)),
    rename: (ref, to) => change((all) => renamed(all, ref, to)),
  };
}
