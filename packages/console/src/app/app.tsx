import { type ReactElement, useState } from "react";
import { ConversationPane } from "../conversation/conversation-pane.tsx";
import type { Session } from "../session/session.ts";
import { TokenForm } from "../session/token-form.tsx";
import { useSessions } from "../session/use-sessions.ts";
import { PaneTabs } from "./pane-tabs.tsx";
import { SiteFooter } from "./site-footer.tsx";
import { SiteHeader } from "./site-header.tsx";
import { useMediaQuery } from "./use-media-query.ts";
import "./app.css";

const DEFAULT_CHANNEL = "production.group.lobby";
const NARROW = "(max-width: 799px)";

/** The page: two sides of one channel, each with a connection of its own. */
export function App(): ReactElement {
  const channel = new URLSearchParams(location.search).get("channel") ?? DEFAULT_CHANNEL;
  const { state, open, useTokens } = useSessions(channel);
  return (
    <>
      <SiteHeader channel={channel} />
      <main className="site-main">
        {state.phase === "open" && <Stage sessions={state.sessions} channel={channel} />}
        {state.phase === "asking" && <TokenForm onTokens={useTokens} />}
        {state.phase === "failed" && <Failure reason={state.reason} onRetry={open} />}
      </main>
      <SiteFooter />
    </>
  );
}

function Stage({
  sessions,
  channel,
}: {
  readonly sessions: readonly Session[];
  readonly channel: string;
}): ReactElement {
  const isNarrow = useMediaQuery(NARROW);
  const [activeId, setActiveId] = useState(sessions[0]?.id ?? "");
  const hasTabs = isNarrow && sessions.length > 1;
  return (
    <div className="stage">
      {hasTabs && <PaneTabs sessions={sessions} activeId={activeId} onSelect={setActiveId} />}
      {sessions.map((session, i) => (
        <ConversationPane
          key={session.id}
          session={session}
          channel={channel}
          isTabPanel={hasTabs}
          isHidden={hasTabs && session.id !== activeId}
          takesFocus={i === 0 && !isNarrow}
        />
      ))}
    </div>
  );
}

function Failure({
  reason,
  onRetry,
}: {
  readonly reason: string;
  readonly onRetry: () => void;
}): ReactElement {
  return (
    <div className="card" role="alert">
      <h1 className="card-title">The conversation could not be opened</h1>
      <p className="card-text">It was refused with: {reason}.</p>
      <button type="button" className="button button-primary" onClick={onRetry}>
        Try again
      </button>
    </div>
  );
}
