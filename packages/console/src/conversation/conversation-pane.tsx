import { type ReactElement, useEffect, useSyncExternalStore } from "react";
import { describeConnection } from "../connection/describe-connection.ts";
import type { Session } from "../session/session.ts";
import { Announcer } from "./announcer.tsx";
import { Composer } from "./composer.tsx";
import { MessageList } from "./message-list.tsx";
import { PaneHeader } from "./pane-header.tsx";
import { displayName } from "./people.ts";
import { TypingIndicator } from "./typing-indicator.tsx";
import "./conversation.css";

/** One account's side of the conversation, with its connection. */
export function ConversationPane({
  session: { id, account, conversation },
  channel,
  isTabPanel,
  isHidden,
  takesFocus,
}: {
  readonly session: Session;
  readonly channel: string;
  readonly isTabPanel: boolean;
  readonly isHidden: boolean;
  readonly takesFocus: boolean;
}): ReactElement {
  const state = useSyncExternalStore(conversation.subscribe, conversation.getSnapshot);
  useEffect(() => {
    conversation.goOnline();
    return () => conversation.goOffline();
  }, [conversation]);

  const connection = describeConnection(state.connection);
  const known = state.self ?? (account && `account:${account}`);
  const name = known === undefined ? "…" : displayName(known);
  return (
    <section
      id={`pane-${id}`}
      className="pane"
      data-tone={connection.tone}
      hidden={isHidden}
      {...(isTabPanel
        ? { role: "tabpanel", "aria-labelledby": `tab-${id}` }
        : { "aria-label": `${name}’s side` })}
    >
      <PaneHeader name={name} state={state} conversation={conversation} connection={connection} />
      <MessageList state={state} conversation={conversation} />
      <TypingIndicator typing={[...state.typing.keys()]} />
      <Composer
        name={name}
        channel={channel}
        conversation={conversation}
        notice={connection.notice}
        isClosed={state.refusal !== undefined}
        takesFocus={takesFocus}
      />
      <Announcer state={state} />
    </section>
  );
}
