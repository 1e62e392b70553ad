import type { Timeline, TimelineState } from "@anywire/client/timeline";
import { type ReactElement, useEffect, useRef } from "react";

/** Reads the page before the first message as soon as one comes near it; asks first after a failure. */
export function OlderMessages({
  state: { olderBefore, history },
  timeline,
}: {
  readonly state: TimelineState;
  readonly timeline: Timeline;
}): ReactElement | null {
  const read = (): void => void timeline.loadOlder();
  if (olderBefore === undefined) return null;
  if (history === "ready") return <Sentinel key={olderBefore} onNear={read} />;
  if (history !== "failed") return null;
  return (
    <button type="button" className="button messages-older" onClick={read}>
      Read older messages
    </button>
  );
}

/** Calls when it comes near to view. */
function Sentinel({ onNear }: { readonly onNear: () => void }): ReactElement {
  const ref = useRef<HTMLDivElement>(null);
  const callback = useRef(onNear);
  useEffect(() => {
    const element = ref.current;
    if (element === null) return;
    const observer = new IntersectionObserver(
      (entries) => entries.some(({ isIntersecting }) => isIntersecting) && callback.current(),
      { root: element.parentElement, rootMargin: "400px 0px 0px" },
    );
    observer.observe(element);
    return () => observer.disconnect();
  }, []);
  return <div ref={ref} className="messages-sentinel" />;
}
