import { type ReactElement, useState } from "react";
import { channelInAddress } from "../channels/use-open-channel.ts";
import { displayName } from "../conversation/people.ts";
import { FunctionsNotice } from "../functions/functions-notice.tsx";
import type { Session } from "../session/session.ts";
import { TokenForm } from "../session/token-form.tsx";
import { useSessions } from "../session/use-sessions.ts";
import { inAddress } from "./address.ts";
import { Failure } from "./failure.tsx";
import { PaneTabs } from "./pane-tabs.tsx";
import { Side } from "./side.tsx";
import { SiteFooter } from "./site-footer.tsx";
import { SiteHeader } from "./site-header.tsx";
import { useMediaQuery } from "./use-media-query.ts";
import { useUnreadTitle } from "./use-unread-title.ts";

const LOBBY = "production.group.lobby";
const NARROW = "(max-width: 799px)";

/** Whose page this is: one account's when the address says `?as=`, otherwise both sides of the lobby. */
const ALONE = inAddress("as");
const ACCOUNTS = ALONE === undefined ? ["bob", "june"] : [ALONE];

/** The page of conversations: one account's channels, or two accounts side by side, each with a connection of its own. */
export function ConversationsPage(): ReactElement {
  const { state, open, useTokens } = useSessions(ACCOUNTS);
  return (
    <>
      <SiteHeader>
        {ALONE !== undefined && <a href="./">Both sides</a>}
        {ALONE === undefined &&
          ACCOUNTS.map((one) => (
            <a key={one} href={`?as=${one}`} target="_blank" rel="noopener">
              Only {displayName(`account:${one}`)}
            </a>
          ))}
        {state.phase === "open" && state.isDevelopment && <a href="handset">Handset</a>}
        <a href="?page=functions">Functions</a>
      </SiteHeader>
      {state.phase === "open" && state.isDevelopment && <FunctionsNotice />}
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
