import { type ReactElement, useState } from "react";
import { channelInAddress } from "../channels/use-open-channel.ts";
import type { Session } from "../session/session.ts";
import { TokenForm } from "../session/token-form.tsx";
import { useSessions } from "../session/use-sessions.ts";
import { PaneTabs } from "./pane-tabs.tsx";
import { Side } from "./side.tsx";
import { SiteFooter } from "./site-footer.tsx";
import { SiteHeader } from "./site-header.tsx";
import { useMediaQuery } from "./use-media-query.ts";
import { useUnreadTitle } from "./use-unread-title.ts";
import "./app.css";

const LOBBY = "production.group.lobby";
const NARROW = "(max-width: 799px)";

/** Whose page this is: one account's when the address says `?as=`, otherwise both sides of the lobby. */
const ALONE = new URLSearchParams(location.search).get("as") || undefined;
const ACCOUNTS = ALONE === undefined ? ["bob", "june"] : [ALONE];

/** The page: one account's channels, or two accounts side by side, each with a connection of its own. */
export function App(): ReactElement {
  const { state, open, useTokens } = useSessions(ACCOUNTS);
  return (
    <>
      <SiteHeader account={ALONE} accounts={ACCOUNTS} />
      <main className="site-main">
        {state.phase === "open" && <Stage sessions={state.sessions} />}
        {state.phase === "asking" && <TokenForm onTokens={useTokens} />}
        {state.phase === "failed" && <Failure reason={state.reason} onRetry={open} />}
      </main>
      <SiteFooter />
    </>
  );
}

function Stage({ sessions }: { readonly sessions: readonly Session[] }): ReactElement {
  const isNarrow = useMediaQuery(NARROW);
  const [activeId, setActiveId] = useState(sessions[0]?.id ?? "");
  const [named] = useState(channelInAddress);
  useUnreadTitle(sessions);
  const isAlone = ALONE !== undefined;
  const shown = isAlone ? named : (named ?? LOBBY);
  const pinned = [...new Set(isAlone ? [LOBBY, ...(named ? [named] : [])] : [shown ?? LOBBY])];
  const hasTabs = isNarrow && sessions.length > 1;
  return (
    <div className="stage">
      {hasTabs && (
        <PaneTabs
          sessions={sessions}
          channel={pinned[0] ?? LOBBY}
          activeId={activeId}
          onSelect={setActiveId}
        />
      )}
      {sessions.map((session, i) => (
        <Side
          key={session.id}
          session={session}
          pinned={pinned}
          initialChannel={shown}
          isAlone={isAlone}
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
      <h1 className="card-title">The page could not sign in</h1>
      <p className="card-text">It was refused with: {reason}.</p>
      <button type="button" className="button button-primary" onClick={onRetry}>
        Try again
      </button>
    </div>
  );
}
