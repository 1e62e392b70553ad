import { AnywireProvider, useConnectionStatus } from "@anywire/client/react";
import { type ReactElement, useEffect, useRef, useState } from "react";
import { ChannelList } from "../channels/channel-list.tsx";
import { useOpenChannel } from "../channels/use-open-channel.ts";
import { describeConnection } from "../connection/describe-connection.ts";
import { ConversationView } from "../conversation/conversation-view.tsx";
import { Drafts } from "../conversation/drafts.ts";
import { useNames } from "../conversation/use-names.ts";
import type { Session } from "../session/session.ts";
import { Mark } from "./mark.tsx";
import "./side.css";

/** Where a keyboard is at hand it is not in the way to have the field focused. */
const HAS_KEYBOARD = "(pointer: fine)";

/** How a side is shown. */
export interface SideProps {
  readonly session: Session;
  readonly pinned: readonly string[];
  readonly initialChannel: string | undefined;
  /** Whether the whole page is this side: then its address names the open channel. */
  readonly isAlone: boolean;
  readonly isTabPanel: boolean;
  readonly isHidden: boolean;
  readonly takesFocus: boolean;
}

/** One account's side: its channels, and the one that is open. */
export function Side(props: SideProps): ReactElement {
  const { client, store } = props.session;
  useEffect(() => {
    client.connect();
    return () => client.disconnect();
  }, [client]);
  return (
    <AnywireProvider client={client} store={store}>
      <SidePane {...props} />
    </AnywireProvider>
  );
}

function SidePane({
  session,
  pinned,
  initialChannel,
  isAlone,
  isTabPanel,
  isHidden,
  takesFocus,
}: SideProps): ReactElement {
  const { id, client } = session;
  const connection = describeConnection(useConnectionStatus());
  const nameOf = useNames();
  const [channel, open] = useOpenChannel(initialChannel, isAlone);
  const [hasChosen, setHasChosen] = useState(false);
  const [drafts] = useState(() => new Drafts(session.upload));
  const root = useRef<HTMLElement>(null);

  const account = client.account ?? session.account;
  const self = account === undefined ? undefined : `account:${account}`;
  const choose = (next: string | undefined): void => {
    setHasChosen(true);
    open(next);
  };
  useEffect(() => {
    const isBack = hasChosen && channel === undefined && matchMedia(HAS_KEYBOARD).matches;
    if (isBack) root.current?.querySelector<HTMLElement>(".channel-open")?.focus();
  }, [hasChosen, channel]);
  return (
    <section
      ref={root}
      id={`pane-${id}`}
      className="pane"
      data-tone={connection.tone}
      hidden={isHidden}
      {...(isTabPanel
        ? { role: "tabpanel", "aria-labelledby": `tab-${id}` }
        : { "aria-label": `${self === undefined ? "…" : nameOf(self)}’s side` })}
    >
      <div className="pane-columns" data-open={channel !== undefined}>
        <ChannelList
          self={self}
          connection={connection}
          pinned={pinned}
          openChannel={channel}
          onOpen={choose}
        />
        {channel === undefined ? (
          <NothingOpen />
        ) : (
          <ConversationView
            key={channel}
            channel={channel}
            self={self}
            connection={connection}
            draft={drafts.of(channel)}
            isShown={!isHidden}
            takesFocus={hasChosen ? matchMedia(HAS_KEYBOARD).matches : takesFocus}
            onClose={() => choose(undefined)}
          />
        )}
      </div>
    </section>
  );
}

function NothingOpen(): ReactElement {
  return (
    <div className="nothing-open">
      <div className="placeholder">
        <Mark size={40} />
        <p className="placeholder-title">No channel is open</p>
        <p>Choose one on the left, or begin a new one.</p>
      </div>
    </div>
  );
}
