import { useConnection, usePresence } from "@anywire/client/react";
import type { TimelineState } from "@anywire/client/timeline";
import type { ReactElement } from "react";
import { Avatar } from "../app/avatar.tsx";
import { Icon } from "../app/icon.tsx";
import { ChannelAvatar } from "../channels/channel-avatar.tsx";
import { ConnectionBadge } from "../connection/connection-badge.tsx";
import { ConnectionSwitch } from "../connection/connection-switch.tsx";
import type { ConnectionDescription } from "../connection/describe-connection.ts";
import { networkName } from "../networks/network-names.ts";
import { listNames } from "./people.ts";
import { formatWhen } from "./times.ts";
import { useNames } from "./use-names.ts";

/** What the channel is called, who else is here, and the connection. */
export function ConversationHeader({
  name,
  title,
  peer,
  network,
  state,
  connection,
  unreadElsewhere,
  onClose,
}: {
  /** Whose side this is. */
  readonly name: string;
  readonly title: string;
  /** Address of the other one, in a direct channel. */
  readonly peer: string | undefined;
  /** The network that the channel leads over. */
  readonly network: string | undefined;
  readonly state: TimelineState;
  readonly connection: ConnectionDescription;
  readonly unreadElsewhere: number;
  readonly onClose: () => void;
}): ReactElement {
  const news = unreadElsewhere > 0 ? `, ${unreadElsewhere} unread` : "";
  return (
    <header className="conversation-header">
      <button
        type="button"
        className="conversation-back"
        aria-label={`Channels of ${name}${news}`}
        onClick={onClose}
      >
        <Icon name="back" />
        <Avatar name={name} isPerson />
        {unreadElsewhere > 0 && <span className="badge">{unreadElsewhere}</span>}
      </button>
      <ChannelAvatar title={title} network={network} isPerson={peer !== undefined} />
      <div className="conversation-what">
        <h2 className="conversation-title" title={title}>
          {title}
        </h2>
        <Presence state={state} peer={peer} network={network} />
      </div>
      <ConnectionBadge {...connection} />
      <ConnectionSwitch />
    </header>
  );
}

function Presence({
  state,
  peer,
  network,
}: {
  readonly state: TimelineState;
  readonly peer: string | undefined;
  readonly network: string | undefined;
}): ReactElement {
  const connection = useConnection();
  const nameOf = useNames();
  const others = [...new Set(state.members.map(({ user }) => `account:${user}`))]
    .filter((address) => address !== state.self)
    .map(nameOf)
    .sort();
  const isHere = connection === "connected" && others.length > 0;
  return (
    <p className="presence" data-here={isHere}>
      {connection === "disconnected" && "Away"}
      {connection === "connecting" && "Waiting for the server"}
      {connection === "connected" &&
        (peer !== undefined && !isHere && state.refusal === undefined ? (
          <PeerPresence address={peer} />
        ) : (
          presenceText(state, others, network)
        ))}
    </p>
  );
}

/** How it is with somebody who does not look at this channel. */
function PeerPresence({ address }: { readonly address: string }): string {
  const nameOf = useNames();
  const presence = usePresence(address.slice(address.indexOf(":") + 1));
  if (presence === undefined) return "";
  const { status, lastSeenAt } = presence;
  if (status === "offline" && lastSeenAt !== null) {
    return `Last seen ${formatWhen(lastSeenAt, Date.now())}`;
  }
  return `${nameOf(address)} is ${status}`;
}

function presenceText(
  { refusal }: TimelineState,
  others: readonly string[],
  network: string | undefined,
): string {
  if (refusal !== undefined) return "Not in the channel";
  // Of those outside nobody knows whether they are here.
  const over = network === undefined ? "" : networkName(network);
  if (others.length === 0) return over || "Nobody else is here";
  const here = `${listNames(others)} ${others.length === 1 ? "is" : "are"} here`;
  return over === "" ? here : `${over} · ${here}`;
}
