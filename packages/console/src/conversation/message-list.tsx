import type { Timeline, TimelineState } from "@anywire/client/timeline";
import { type KeyboardEvent, type ReactElement, useMemo } from "react";
import { Divider } from "./divider.tsx";
import { MessageItem } from "./message-item.tsx";
import { OlderMessages } from "./older-messages.tsx";
import { Placeholder } from "./placeholder.tsx";
import { toRows } from "./rows.ts";
import type { Outside } from "./use-abilities.ts";
import type { MessageActions } from "./use-message-actions.ts";
import { useReading } from "./use-reading.ts";
import { useStickyScroll } from "./use-sticky-scroll.ts";
import "./message.css";

const STEPS: Readonly<Record<string, number>> = { ArrowUp: -1, ArrowDown: 1 };

/** All that was said, newest at the bottom; older pages are read as one scrolls up, and arrows go from message to message. */
export function MessageList({
  state,
  timeline,
  actions,
  hasState,
  outside,
  isShown,
  onLeave,
}: {
  readonly state: TimelineState;
  readonly timeline: Timeline;
  readonly actions: MessageActions;
  readonly hasState: boolean;
  readonly outside: Outside;
  readonly isShown: boolean;
  /** Goes back to where one writes. */
  readonly onLeave: () => void;
}): ReactElement {
  const rows = useMemo(() => toRows(state, Date.now()), [state]);
  const { ref, isAway, toEnd, onScroll } = useStickyScroll(rows);
  useReading(timeline, state, isShown && !isAway);

  const onKeyDown = (event: KeyboardEvent): void => {
    const step = STEPS[event.key];
    const from = (event.target as Element).closest("li.message");
    if (event.key === "Escape") onLeave();
    if (step === undefined || from === null || ref.current === null) return;
    event.preventDefault();
    const messages = [...ref.current.querySelectorAll<HTMLElement>("li.message")];
    const next = messages[messages.indexOf(from as HTMLElement) + step];
    if (next !== undefined) next.focus();
    else if (step > 0) onLeave();
  };

  return (
    <div className="messages">
      <div
        ref={ref}
        className="messages-scroll"
        role="log"
        aria-live="off"
        aria-label="Messages"
        onScroll={onScroll}
        onKeyDown={onKeyDown}
      >
        <OlderMessages state={state} timeline={timeline} />
        {rows.length === 0 ? (
          <Placeholder state={state} timeline={timeline} />
        ) : (
          <ol className="messages-rows">
            {rows.map((row) =>
              row.type === "message" ? (
                <MessageItem
                  key={row.key}
                  row={row}
                  actions={actions}
                  hasState={hasState}
                  outside={outside}
                />
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
