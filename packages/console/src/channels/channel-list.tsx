import { useChannels, useClient, useSelected } from "@anywire/client/react";
import type { ChannelSummary } from "@anywire/types";
import { type ReactElement, useState } from "react";
import { Avatar } from "../app/avatar.tsx";
import { Icon } from "../app/icon.tsx";
import type { ConnectionDescription } from "../connection/describe-connection.ts";
import { useNames } from "../conversation/use-names.ts";
import { ChannelItem } from "./channel-item.tsx";
import type { NetworkField } from "./network-fields.ts";
import { NewChannelDialog } from "./new-channel-dialog.tsx";
import { OpenChannelItem } from "./open-channel-item.tsx";
import { readNetworks } from "./read-networks.ts";
import "./channels.css";

/** The channels of an account, newest activity first, and the way to new ones. */
export function ChannelList({
  self,
  connection,
  pinned,
  openChannel,
  onOpen,
}: {
  readonly self: string | undefined;
  readonly connection: ConnectionDescription;
  /** Names of channels to show even where the account takes no part. */
  readonly pinned: readonly string[];
  readonly openChannel: string | undefined;
  /** With undefined nothing is open any more. */
  readonly onOpen: (channel: string | undefined) => void;
}): ReactElement {
  const client = useClient();
  // Undefined while nobody asks for a new channel.
  const [networks, setNetworks] = useState<readonly NetworkField[]>();
  const ask = (): void => void readNetworks(client).then(setNetworks);
  const rows = useChannels();
  const known = useSelected((state) => state?.channels);
  const nameOf = useNames();
  const name = self === undefined ? "…" : nameOf(self);
  return (
    <nav className="channels" aria-label={`Channels of ${name}`}>
      <header className="channels-header">
        <span className="channels-self" data-tone={connection.tone}>
          <Avatar name={name} isPerson />
          <span className="channels-tone" role="img" aria-label={connection.label} />
        </span>
        <h2 className="channels-name">{name}</h2>
        <button
          type="button"
          className="icon-button"
          aria-label="New channel"
          title="New channel"
          onClick={ask}
        >
          <Icon name="plus" />
        </button>
      </header>
      <div className="channels-scroll">
        <ul className="channels-rows">
          {pinned
            .filter((channel) => known !== undefined && !known.has(channel))
            .map((channel) => (
              <OpenChannelItem
                key={channel}
                channel={channel}
                isOpen={channel === openChannel}
                onOpen={onOpen}
              />
            ))}
          <ChannelItems rows={rows} self={self} openChannel={openChannel} onOpen={onOpen} />
        </ul>
        {known?.size === 0 && (
          <div className="channels-empty">
            <span>Your conversations appear here, on every device at once.</span>
            <button type="button" className="button" onClick={ask}>
              Begin one
            </button>
          </div>
        )}
        <HiddenChannels self={self} openChannel={openChannel} onOpen={onOpen} />
      </div>
      {openChannel === undefined && connection.notice !== undefined && (
        <div className="channels-notice">{connection.notice}</div>
      )}
      {networks !== undefined && (
        <NewChannelDialog
          self={self}
          networks={networks}
          onOpen={onOpen}
          onClose={() => setNetworks(undefined)}
        />
      )}
    </nav>
  );
}

interface OpenProps {
  readonly self: string | undefined;
  readonly openChannel: string | undefined;
  readonly onOpen: (channel: string | undefined) => void;
}

function ChannelItems({
  rows,
  self,
  openChannel,
  onOpen,
}: OpenProps & { readonly rows: readonly ChannelSummary[] }): ReactElement[] {
  return rows.map((row) => (
    <ChannelItem
      key={row.channel}
      row={row}
      self={self}
      isOpen={row.channel === openChannel}
      onOpen={onOpen}
    />
  ));
}

function HiddenChannels({ self, openChannel, onOpen }: OpenProps): ReactElement | null {
  const [isShown, setIsShown] = useState(false);
  const rows = useChannels(true);
  if (rows.length === 0) return null;
  return (
    <>
      <button
        type="button"
        className="channels-hidden"
        aria-expanded={isShown}
        onClick={() => setIsShown(!isShown)}
      >
        <Icon name="chevron" size={12} />
        Hidden
        <span className="channels-count">{rows.length}</span>
      </button>
      {isShown && (
        <ul className="channels-rows">
          <ChannelItems rows={rows} self={self} openChannel={openChannel} onOpen={onOpen} />
        </ul>
      )}
    </>
  );
}
