import { useClient } from "@anywire/client/react";
import type { ChannelSummary } from "@anywire/types";
import { type ReactElement, useState } from "react";
import { Icon } from "../app/icon.tsx";
import { formatWhen } from "../conversation/times.ts";
import { useNames } from "../conversation/use-names.ts";
import { Menu, type MenuItem } from "../menu/menu.tsx";
import { networkName } from "../networks/network-names.ts";
import { ChannelAvatar } from "./channel-avatar.tsx";
import { isMuted, networkOf, previewOf, titleOf } from "./describe-channel.ts";

/** A row of the list: what a channel is called, what was last said and when, and what is unread. */
export function ChannelItem({
  row,
  self,
  isOpen,
  onOpen,
}: {
  readonly row: ChannelSummary;
  readonly self: string | undefined;
  readonly isOpen: boolean;
  readonly onOpen: (channel: string | undefined) => void;
}): ReactElement {
  const nameOf = useNames();
  const title = titleOf(row, self, nameOf);
  const network = networkOf(row);
  const isMute = isMuted(row, Date.now());
  const at = row.lastMessage?.at ?? row.activityAt;
  const { items, problem } = useChannelMenu(row, isMute, () => isOpen && onOpen(undefined));
  return (
    <li className="channel" data-open={isOpen} data-unread={row.unread > 0}>
      <button
        type="button"
        className="channel-open"
        aria-current={isOpen ? "true" : undefined}
        onClick={() => onOpen(row.channel)}
      >
        <ChannelAvatar title={title} network={network} isPerson={row.type === "direct"} />
        <span className="channel-title">
          <span>{title}</span>
          {network !== undefined && <span className="sr-only">, {networkName(network)}</span>}
          {isMute && <Icon name="mute" label="Muted" size={13} />}
        </span>
        <time className="channel-time" dateTime={new Date(at).toISOString()}>
          {formatWhen(at, Date.now())}
        </time>
        <span className="channel-preview">{problem ?? previewOf(row, self, nameOf)}</span>
        {row.unread > 0 && (
          <span className="badge" data-muted={isMute}>
            {row.unread}
            <span className="sr-only"> unread</span>
          </span>
        )}
      </button>
      <Menu label={`Options of ${title}`} items={items} />
    </li>
  );
}

/** What can be done with a channel as a whole, and why the last of it did not work. */
function useChannelMenu(
  { channel, hidden, type }: ChannelSummary,
  isMute: boolean,
  onGone: () => void,
): { readonly items: readonly MenuItem[]; readonly problem: string | undefined } {
  const client = useClient();
  const [problem, setProblem] = useState<string>();
  const attempt = async (work: Promise<unknown>, then?: () => void): Promise<void> => {
    setProblem(undefined);
    try {
      await work;
      then?.();
    } catch (thrown) {
      setProblem((thrown as Error).message);
    }
  };
  const mute = (): void =>
    void attempt(client.call(isMute ? "channel.unmute" : "channel.mute", { channel }));
  const hide = (): void =>
    void attempt(
      client.call(hidden ? "channel.unhide" : "channel.hide", { channel }),
      hidden ? undefined : onGone,
    );
  const leave = (): void => void attempt(client.call("channel.leave", { channel }), onGone);
  const items = [
    { label: isMute ? "Unmute" : "Mute", onChoose: mute },
    { label: hidden ? "Unhide" : "Hide", onChoose: hide },
    // Who is in a direct channel is what it is known by: nobody leaves.
    ...(type === "group" ? [{ label: "Leave group", onChoose: leave }] : []),
  ];
  return { items, problem };
}
