import { type ReactElement, useEffect, useMemo, useRef } from "react";
import { Mark } from "../app/mark.tsx";
import type { Conversation } from "./conversation.ts";
import type { ConversationState } from "./conversation-state.ts";
import { Divider } from "./divider.tsx";
import { MessageItem } from "./message-item.tsx";
import { toRows } from "./timeline.ts";
import { useStickyScroll } from "./use-sticky-scroll.ts";
import "./message.css";

/** All that was said, newest at the bottom; older pages are read as one scrolls up. */
export function MessageList({
  state,
  conversation,
}: {
  readonly state: ConversationState;
  readonly conversation: Conversation;
}): ReactElement {
  const rows = useMemo(() => toRows(state, Date.now()), [state]);
  const { ref, isAway, toEnd, onScroll } = useStickyScroll(rows);
  return (
    <div className="messages">
      <div
        ref={ref}
        className="messages-scroll"
        role="log"
        aria-live="off"
        aria-label="Messages"
        onScroll={onScroll}
      >
        {state.olderBefore !== undefined && state.history === "ready" && (
          <OlderSentinel
            key={state.olderBefore}
            onVisible={() => void conversation.readHistory()}
          />
        )}
        {rows.length === 0 ? (
          <Placeholder state={state} conversation={conversation} />
        ) : (
          <ol className="messages-rows">
            {rows.map((row) =>
              row.type === "message" ? (
                <MessageItem key={row.key} row={row} conversation={conversation} />
              ) : (
                <Divider key={row.key} row={row} />
              ),
            )}
          </ol>
        )}
      </div>
      {isAway && (
        <button type="button" className="button messages-to-end" onClick={toEnd}>
          Newest messages
        </button>
      )}
    </div>
  );
}

/** Calls once it comes near to view. */
function OlderSentinel({ onVisible }: { readonly onVisible: () => void }): ReactElement {
  const ref = useRef<HTMLDivElement>(null);
  const callback = useRef(onVisible);
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
  return <div ref={ref} className="messages-older" />;
}

function Placeholder({
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
