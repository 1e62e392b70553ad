import type { ReactElement } from "react";
import { Mark } from "../app/mark.tsx";
import type { Conversation } from "./conversation.ts";
import type { ConversationState } from "./conversation-state.ts";

/** What to show in place of messages: why there are none. */
export function Placeholder({
  state: { refusal, history, connection },
  conversation,
}: {
  readonly state: ConversationState;
  readonly conversation: Conversation;
}): ReactElement | null {
  if (refusal !== undefined) {
    return (
      <div className="placeholder" role="alert">
        <p className="placeholder-title">This channel can’t be opened</p>
        <p>{refusal}</p>
      </div>
    );
  }
  if (history === "failed" && connection.state === "connected") {
    return (
      <div className="placeholder" role="alert">
        <p className="placeholder-title">The messages could not be read</p>
        <button type="button" className="button" onClick={() => void conversation.readHistory()}>
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
