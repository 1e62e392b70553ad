import type { ReactElement } from "react";
import { Avatar } from "../app/avatar.tsx";
import { titleOfName } from "./describe-channel.ts";

/** A channel that nobody opened and everybody may use: it has no participants and no counts. */
export function OpenChannelItem({
  channel,
  isOpen,
  onOpen,
}: {
  readonly channel: string;
  readonly isOpen: boolean;
  readonly onOpen: (channel: string) => void;
}): ReactElement {
  const title = titleOfName(channel);
  return (
    <li className="channel" data-open={isOpen}>
      <button
        type="button"
        className="channel-open"
        aria-current={isOpen ? "true" : undefined}
        onClick={() => onOpen(channel)}
      >
        <Avatar name={title} isPerson={false} />
        <span className="channel-title">
          <span>{title}</span>
        </span>
        <span className="channel-preview">Open to everyone</span>
      </button>
    </li>
  );
}
