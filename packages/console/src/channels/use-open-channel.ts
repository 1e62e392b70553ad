import { useCallback, useEffect, useState } from "react";

/** The channel that the page's address names. */
export function channelInAddress(): string | undefined {
  return new URLSearchParams(location.search).get("channel") ?? undefined;
}

/**
 * Which channel is open, and how to open another.
 * @param isInAddress whether the page's address says so, and its history goes back through them
 */
export function useOpenChannel(
  initial: string | undefined,
  isInAddress: boolean,
): readonly [string | undefined, (channel: string | undefined) => void] {
  const [channel, setChannel] = useState(initial);
  useEffect(() => {
    if (!isInAddress) return;
    const follow = (): void => setChannel(channelInAddress());
    window.addEventListener("popstate", follow);
    return () => window.removeEventListener("popstate", follow);
  }, [isInAddress]);
  const open = useCallback(
    (next: string | undefined) => {
      setChannel(next);
      if (!isInAddress || next === channelInAddress()) return;
      const query = new URLSearchParams(location.search);
      if (next === undefined) query.delete("channel");
      else query.set("channel", next);
      window.history.pushState(null, "", `?${query}`);
    },
    [isInAddress],
  );
  return [channel, open];
}
