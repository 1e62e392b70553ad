import { type ReactElement, useRef, useSyncExternalStore } from "react";
import { displayName } from "../conversation/people.ts";
import type { Session } from "../session/session.ts";

/** Chooses whose side to show where there is room for one. */
export function PaneTabs({
  sessions,
  activeId,
  onSelect,
}: {
  readonly sessions: readonly Session[];
  readonly activeId: string;
  readonly onSelect: (id: string) => void;
}): ReactElement {
  return (
    <div className="tabs" role="tablist" aria-label="Side of the conversation">
      {sessions.map((session) => (
        <PaneTab
          key={session.id}
          session={session}
          isActive={session.id === activeId}
          onSelect={onSelect}
        />
      ))}
    </div>
  );
}

function PaneTab({
  session: { id, account, conversation },
  isActive,
  onSelect,
}: {
  readonly session: Session;
  readonly isActive: boolean;
  readonly onSelect: (id: string) => void;
}): ReactElement {
  const { messages, history, self } = useSyncExternalStore(
    conversation.subscribe,
    conversation.getSnapshot,
  );
  const newest = messages.at(-1)?.offset ?? 0;
  const seen = useRef<number>(undefined);
  if (isActive) seen.current = newest;
  else if (history === "ready") seen.current ??= newest;
  const name = displayName(self ?? `account:${account ?? id}`);
  return (
    <button
      type="button"
      role="tab"
      id={`tab-${id}`}
      aria-selected={isActive}
      aria-controls={`pane-${id}`}
      className="tab"
      onClick={() => onSelect(id)}
    >
      {name}
      {newest > (seen.current ?? newest) && <span className="tab-news" title="New messages" />}
    </button>
  );
}
