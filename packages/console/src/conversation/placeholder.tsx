import { useConnection } from "@anywire/client/react";
import type { Timeline, TimelineState } from "@anywire/client/timeline";
import type { ReactElement } from "react";
import { Mark } from "../app/mark.tsx";

/** What to show in place of messages: why there are none. */
export function Placeholder({
  state: { refusal, history },
  timeline,
}: {
  readonly state: TimelineState;
  readonly timeline: Timeline;
}): ReactElement | null {
  const connection = useConnection();
  if (refusal !== undefined) {
    return (
      <div className="placeholder" role="alert">
        <p className="placeholder-title">This channel can’t be opened</p>
        <p>{refusal.message}</p>
      </div>
    );
  }
  if (history === "failed" && connection === "connected") {
    return (
      <div className="placeholder" role="alert">
        <p className="placeholder-title">The messages could not be read</p>
        <button type="button" className="button" onClick={() => void timeline.loadOlder()}>
          Try again
        </button>
      </div>
    );
  }
  if (history !== "ready") return null;
  return (
    <div className="placeholder">
      <Mark size={40} />
      <p className="placeholder-title">Nothing has been said yet</p>
      <p>Write something. It is on the other side at once, and in the log for good.</p>
    </div>
  );
}
