import { useChannel, useConnection } from "@anywire/client/react";
import type { Timeline, TimelineState } from "@anywire/client/timeline";
import { useEffect, useSyncExternalStore } from "react";

/** Marks a channel as read while its newest messages are in sight, in a window that somebody looks at. */
export function useReading(timeline: Timeline, state: TimelineState, showsEnd: boolean): void {
  const unread = useChannel(timeline.channel.name)?.unread ?? 0;
  const isWatched = useSyncExternalStore(listenToWindow, isWindowWatched);
  const isConnected = useConnection() === "connected";
  const isReady = isConnected && state.history === "ready";
  const isReading = isReady && showsEnd && isWatched && unread > 0;
  const newest = state.messages.at(-1)?.offset;
  // biome-ignore lint/correctness/useExhaustiveDependencies: each newer message is read anew
  useEffect(() => {
    if (isReading) void timeline.read();
  }, [isReading, timeline, newest]);
}

function isWindowWatched(): boolean {
  return document.visibilityState === "visible" && document.hasFocus();
}

function listenToWindow(listener: () => void): () => void {
  const targets = [
    [document, "visibilitychange"],
    [window, "focus"],
    [window, "blur"],
  ] as const;
  for (const [target, event] of targets) target.addEventListener(event, listener);
  return () => {
    for (const [target, event] of targets) target.removeEventListener(event, listener);
  };
}
