import type { ReactElement } from "react";
import { Avatar } from "../app/avatar.tsx";
import { NetworkGlyph } from "../networks/network-glyph.tsx";

/** What stands for a channel: the network that it leads over, or the first letter of what it is called. */
export function ChannelAvatar({
  title,
  network,
  isPerson,
}: {
  readonly title: string;
  readonly network: string | undefined;
  readonly isPerson: boolean;
}): ReactElement {
  if (network === undefined) return <Avatar name={title} isPerson={isPerson} />;
  return <NetworkGlyph network={network} size={20} />;
}
