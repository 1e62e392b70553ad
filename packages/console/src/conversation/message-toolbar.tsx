import type { TimelineMessage } from "@anywire/client/timeline";
import { type ReactElement, useState } from "react";
import { Icon, type IconName } from "../app/icon.tsx";
import type { MessageRow } from "./rows.ts";
import type { MessageActions } from "./use-message-actions.ts";

const QUICK_REACTIONS = ["👍", "❤️", "😂"];

/** What can be done with one message, beside it. */
export function MessageToolbar({
  row,
  message,
  actions,
  hasState,
}: {
  readonly row: MessageRow;
  readonly message: TimelineMessage;
  readonly actions: MessageActions;
  readonly hasState: boolean;
}): ReactElement {
  const [isAsking, setIsAsking] = useState(false);
  if (isAsking) {
    return (
      <span className="message-toolbar" role="toolbar" aria-label="Delete this message?">
        <button type="button" className="tool tool-danger" onClick={() => actions.remove(message)}>
          Delete for everyone
        </button>
        <button type="button" className="tool" onClick={() => setIsAsking(false)}>
          Keep
        </button>
      </span>
    );
  }
  const mayChange = hasState && row.isOwn;
  return (
    <span className="message-toolbar" role="toolbar" aria-label="Message">
      {hasState &&
        QUICK_REACTIONS.map((emoji) => (
          <button
            key={emoji}
            type="button"
            className="tool"
            aria-label={`React with ${emoji}`}
            onClick={() => actions.react(message, emoji)}
          >
            {emoji}
          </button>
        ))}
      <Tool icon="reply" label="Reply" onUse={() => actions.begin({ kind: "reply", message })} />
      {mayChange && message.data?.text !== undefined && (
        <Tool icon="edit" label="Edit" onUse={() => actions.begin({ kind: "edit", message })} />
      )}
      {mayChange && <Tool icon="remove" label="Delete" onUse={() => setIsAsking(true)} />}
    </span>
  );
}

function Tool({
  icon,
  label,
  onUse,
}: {
  readonly icon: IconName;
  readonly label: string;
  readonly onUse: () => void;
}): ReactElement {
  return (
    <button type="button" className="tool" aria-label={label} title={label} onClick={onUse}>
      <Icon name={icon} />
    </button>
  );
}
