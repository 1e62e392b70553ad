import { AnywireProvider, useTotals } from "@anywire/client/react";
import { type ReactElement, useRef } from "react";
import { useChannelTimeline } from "../conversation/use-channel-timeline.ts";
import { useNames } from "../conversation/use-names.ts";
import type { Session } from "../session/session.ts";

/** Chooses whose side to show where there is room for one. */
export function PaneTabs({
  sessions,
  channel,
  activeId,
  onSelect,
}: {
  readonly sessions: readonly Session[];
  /** The channel that all share: it may have no counts. */
  readonly channel: string;
  readonly activeId: string;
  readonly onSelect: (id: string) => void;
}): ReactElement {
  return (
    <div className="tabs" role="tablist" aria-label="Whose side">
      {sessions.map((session) => (
        <AnywireProvider key={session.id} client={session.client} store={session.store}>
          <PaneTab
            session={session}
            channel={channel}
            isActive={session.id === activeId}
            onSelect={onSelect}
          />
        </AnywireProvider>
      ))}
    </div>
  );
}

function PaneTab({
  session: { id, account, client },
  channel,
  isActive,
  onSelect,
}: {
  readonly session: Session;
  readonly channel: string;
  readonly isActive: boolean;
  readonly onSelect: (id: string) => void;
}): ReactElement {
  const [{ messages, history }] = useChannelTimeline(channel);
  const { unread } = useTotals();
  const nameOf = useNames();
  const newest = messages.at(-1)?.offset ?? 0;
  const seen = useRef<number>(undefined);
  if (isActive) seen.current = newest;
  else if (history === "ready") seen.current ??= newest;
  const hasNews = unread > 0 || newest > (seen.current ?? newest);
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
      {nameOf(`account:${client.account ?? account ?? id}`)}
      {!isActive && hasNews && <span className="tab-news" title="New messages" />}
    </button>
  );
}
