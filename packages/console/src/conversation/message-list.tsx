import { type ReactElement, useMemo } from "react";
import type { Conversation } from "./conversation.ts";
import type { ConversationState } from "./conversation-state.ts";
import { Divider } from "./divider.tsx";
import { MessageItem } from "./message-item.tsx";
import { OlderMessages } from "./older-messages.tsx";
import { Placeholder } from "./placeholder.tsx";
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
        <OlderMessages state={state} conversation={conversation} />
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
