import type { HandsetMessageView, HandsetNetwork } from "@anywire/types";
import { type ReactElement, useState } from "react";
import { Icon } from "../app/icon.tsx";
import { useStickyScroll } from "../conversation/use-sticky-scroll.ts";
import { Menu } from "../menu/menu.tsx";
import { NetworkGlyph } from "../networks/network-glyph.tsx";
import { AddPerson } from "./add-person.tsx";
import { FaultsDialog } from "./faults-dialog.tsx";
import { HandsetComposer } from "./handset-composer.tsx";
import { HandsetMessage } from "./handset-message.tsx";
import { rowsOf } from "./handset-rows.ts";
import { type HandsetRef, keyOf } from "./handsets.ts";
import { lookOf } from "./network-look.ts";
import { useAttempt } from "./use-attempt.ts";
import { useHandsets, useHandsetsState, useWatched } from "./use-handsets.ts";
import "./handset-device.css";
import "./handset-message.css";
import "./handset-styles.css";

/** How a handset is shown. */
export interface HandsetDeviceProps {
  readonly handset: HandsetRef;
  /** Counts how often it was chosen: each time it takes the focus. 0 for never. */
  readonly chosen: number;
  readonly onClose: () => void;
  readonly onRename: (to: string) => void;
}

/** What one person outside holds in their hands: what they were written, and what they write. */
export function HandsetDevice(props: HandsetDeviceProps): ReactElement | null {
  const { handset } = props;
  const { networks, messages } = useHandsetsState();
  useWatched(handset);
  const network = networks.find(({ id }) => id === handset.network);
  if (network === undefined) return <MissingDevice {...props} />;
  return <Device {...props} network={network} messages={messages.get(keyOf(handset))} />;
}

/** The address can name a network that this server has not. */
function MissingDevice({ handset, onClose }: HandsetDeviceProps): ReactElement {
  return (
    <section className="device" data-frame="window" aria-label={handset.person}>
      <div className="device-screen">
        <p className="device-empty">There is no network {handset.network} on this server.</p>
        <button type="button" className="button device-empty-close" onClick={onClose}>
          Close
        </button>
      </div>
    </section>
  );
}

function Device({
  handset: { person },
  network,
  messages,
  chosen,
  onClose,
  onRename,
}: HandsetDeviceProps & {
  readonly network: HandsetNetwork;
  /** Undefined while they are read. */
  readonly messages: readonly HandsetMessageView[] | undefined;
}): ReactElement {
  const { api } = useHandsets();
  const [asks, setAsks] = useState<Question>();
  const [answered, setAnswered] = useState<HandsetMessageView>();
  const { failure, attempt } = useAttempt();
  const { frame, style } = lookOf(network.network);
  const unread = messages?.filter(isUnread).length ?? 0;
  const rename = async (to: string): Promise<void> => {
    if (to !== person) await attempt(api.changeIdentity(network.id, person, to));
    setAsks(undefined);
    if (to !== person) onRename(to);
  };
  return (
    <section
      className="device"
      data-network={network.network}
      data-frame={frame}
      data-style={style}
      aria-label={`${person} on ${network.displayName}`}
    >
      <div className="device-screen">
        <DeviceHeader person={person} network={network} onAsk={setAsks} onClose={onClose} />
        {asks === "identity" && (
          <div className="device-question">
            <p>From now on {person} is somebody else to the network:</p>
            <AddPerson
              identity={network.identity}
              taken={[person]}
              initial={person}
              action="Change"
              failure={failure}
              onAdd={(to) => void rename(to).catch(() => undefined)}
              onCancel={() => setAsks(undefined)}
            />
          </div>
        )}
        {asks === "faults" && <FaultsDialog network={network} onClose={() => setAsks(undefined)} />}
        <Messages
          person={person}
          network={network}
          messages={messages}
          onReply={setAnswered}
          onReact={(message, emoji) =>
            void attempt(api.react(network.id, person, message.id, emoji)).catch(() => undefined)
          }
        />
        {network.abilities.read && unread > 0 && (
          <button
            type="button"
            className="device-read"
            onClick={() => void attempt(api.read(network.id, person)).catch(() => undefined)}
          >
            <Icon name="checks" size={14} />
            {unread === 1 ? "Mark it as read" : `Mark ${unread} as read`}
          </button>
        )}
        {failure !== undefined && asks === undefined && (
          <p className="device-failure" role="alert">
            {failure}
          </p>
        )}
        <HandsetComposer
          network={network}
          person={person}
          messages={messages ?? []}
          answered={answered}
          chosen={chosen}
          onAnswer={setAnswered}
        />
      </div>
    </section>
  );
}

/** What can be asked about a person. */
type Question = "identity" | "faults";

function DeviceHeader({
  person,
  network,
  onAsk,
  onClose,
}: {
  readonly person: string;
  readonly network: HandsetNetwork;
  readonly onAsk: (question: Question) => void;
  readonly onClose: () => void;
}): ReactElement {
  const { device } = lookOf(network.network);
  const items = [
    ...(network.abilities.identity
      ? [{ label: `Get another ${nameOf(network)}…`, onChoose: () => onAsk("identity") }]
      : []),
    ...(network.faults.length > 0
      ? [{ label: "Make something go wrong…", onChoose: () => onAsk("faults") }]
      : []),
  ];
  return (
    <header className="device-header">
      <NetworkGlyph network={network.network} size={18} />
      <div className="device-what">
        <h2 className="device-person" title={person}>
          {person}
        </h2>
        <p className="device-about">
          {device} · to {network.business}
        </p>
      </div>
      {items.length > 0 && <Menu label={`Options of ${person}`} items={items} />}
      <button
        type="button"
        className="icon-button"
        aria-label={`Close ${person}`}
        title="Close"
        onClick={onClose}
      >
        <Icon name="close" />
      </button>
    </header>
  );
}

function Messages({
  person,
  network,
  messages,
  onReply,
  onReact,
}: {
  readonly person: string;
  readonly network: HandsetNetwork;
  readonly messages: readonly HandsetMessageView[] | undefined;
  readonly onReply: (message: HandsetMessageView) => void;
  readonly onReact: (message: HandsetMessageView, emoji: string | null) => void;
}): ReactElement {
  const rows = rowsOf(messages ?? [], Date.now());
  const { ref, isAway, toEnd, onScroll } = useStickyScroll(rows);
  return (
    <div className="device-messages">
      <div
        ref={ref}
        className="device-scroll"
        role="log"
        aria-label={`Messages of ${person}`}
        // It can be scrolled, so it can be reached.
        // biome-ignore lint/a11y/noNoninteractiveTabindex: without it the keyboard can't scroll
        tabIndex={0}
        onScroll={onScroll}
      >
        {messages?.length === 0 && (
          <p className="device-empty">
            Nothing yet. Write to {network.business} here, or write to <strong>{person}</strong> in
            the <a href="./">conversations</a>.
          </p>
        )}
        <ol className="device-rows">
          {rows.map((row) => (
            <HandsetMessage
              key={row.key}
              row={row}
              person={person}
              network={network}
              onReply={onReply}
              onReact={onReact}
            />
          ))}
        </ol>
      </div>
      {isAway && (
        <button type="button" className="button device-to-end" onClick={toEnd}>
          Newest
        </button>
      )}
    </div>
  );
}

/** `a phone number` is a `phone number`. */
function nameOf({ identity: { label } }: HandsetNetwork): string {
  return label.replace(/^an? /, "");
}

function isUnread({ direction, status, isDeleted }: HandsetMessageView): boolean {
  return direction === "in" && (status === "sent" || status === "delivered") && !isDeleted;
}
