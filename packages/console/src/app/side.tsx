import { AnywireProvider } from "@anywire/client/react";
import {
  type ReactElement,
  useCallback,
  useEffect,
  useRef,
  useState,
  useSyncExternalStore,
} from "react";
import { ChannelList } from "../channels/channel-list.tsx";
import { KeepSending } from "../channels/keep-sending.tsx";
import { useOpenChannel } from "../channels/use-open-channel.ts";
import { describeConnection } from "../connection/describe-connection.ts";
import { ConversationView, type Drafts } from "../conversation/conversation-view.tsx";
import { displayName } from "../conversation/people.ts";
import type { Session } from "../session/session.ts";
import { Mark } from "./mark.tsx";
import "./side.css";

/** Where a keyboard is at hand it is not in the way to have the field focused. */
const HAS_KEYBOARD = "(pointer: fine)";

/** One account's side: its channels, and the one that is open. */
export function Side({
  session,
  pinned,
  initialChannel,
  isAlone,
  isTabPanel,
  isHidden,
  takesFocus,
}: {
  readonly session: Session;
  readonly pinned: readonly string[];
  readonly initialChannel: string | undefined;
  /** Whether the whole page is this side: then its address names the open channel. */
  readonly isAlone: boolean;
  readonly isTabPanel: boolean;
  readonly isHidden: boolean;
  readonly takesFocus: boolean;
}): ReactElement {
  const { id, client, store } = session;
  const status = useSyncExternalStore(session.connection.subscribe, session.connection.getSnapshot);
  useEffect(() => {
    client.connect();
    return () => client.disconnect();
  }, [client]);
  const [channel, open] = useOpenChannel(initialChannel, isAlone);
  const { left, leave, onSent } = useLeftChannels();
  const [hasChosen, setHasChosen] = useState(false);
  const drafts = useRef<Drafts>(new Map());
  const root = useRef<HTMLElement>(null);

  const connection = describeConnection(status);
  const account = client.account ?? session.account;
  const self = account === undefined ? undefined : `account:${account}`;
  const choose = (next: string | undefined): void => {
    if (channel !== undefined && channel !== next) leave(channel);
    setHasChosen(true);
    open(next);
    if (next === undefined) root.current?.querySelector<HTMLElement>(".channel-open")?.focus();
  };
  return (
    <AnywireProvider client={client} store={store}>
      <section
        ref={root}
        id={`pane-${id}`}
        className="pane"
        data-tone={connection.tone}
        hidden={isHidden}
        {...(isTabPanel
          ? { role: "tabpanel", "aria-labelledby": `tab-${id}` }
          : { "aria-label": `${self === undefined ? "…" : displayName(self)}’s side` })}
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
              drafts={drafts.current}
              isShown={!isHidden}
              takesFocus={hasChosen ? matchMedia(HAS_KEYBOARD).matches : takesFocus}
              onClose={() => choose(undefined)}
            />
          )}
        </div>
        {left
          .filter((one) => one !== channel)
          .map((one) => (
            <KeepSending key={one} channel={one} onSent={onSent} />
          ))}
      </section>
    </AnywireProvider>
  );
}

/** Channels that were open, in which something may still wait to be sent. */
function useLeftChannels(): {
  readonly left: readonly string[];
  readonly leave: (channel: string) => void;
  readonly onSent: (channel: string) => void;
} {
  const [left, setLeft] = useState<readonly string[]>([]);
  const onSent = useCallback(
    (channel: string) => setLeft((known) => known.filter((one) => one !== channel)),
    [],
  );
  const leave = (channel: string): void =>
    setLeft((known) => [...known.filter((one) => one !== channel), channel]);
  return { left, leave, onSent };
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
