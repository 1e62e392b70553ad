import type { TimelineMessage } from "@anywire/client/timeline";
import type { ReactElement } from "react";
import { Icon, type IconName } from "../app/icon.tsx";
import { Menu } from "../menu/menu.tsx";
import type { MessageRow } from "./rows.ts";
import type { MessageActions } from "./use-message-actions.ts";

const QUICK_REACTIONS = ["👍", "❤️", "😂"];

/** One thing that can be done with a message. */
interface Tool {
  readonly label: string;
  readonly face: { readonly icon: IconName } | { readonly emoji: string };
  readonly onUse: () => void;
}

/** What is needed to say what can be done with a message. */
export interface MessageToolbarProps {
  readonly row: MessageRow;
  readonly message: TimelineMessage;
  readonly actions: MessageActions;
  /** Whether the channel was opened: only then can a message change. */
  readonly hasState: boolean;
  /** Asks whether to delete it. */
  readonly onDelete: () => void;
}

/** What can be done with one message, beside it: as buttons, or where there is no room for them as a menu. */
export function MessageToolbar(props: MessageToolbarProps): ReactElement {
  const tools = toolsOf(props);
  return (
    <>
      <span className="message-toolbar" role="toolbar" aria-label="Message">
        {tools.map(({ label, face, onUse }) => (
          <button
            key={label}
            type="button"
            className="tool"
            aria-label={label}
            title={label}
            onClick={onUse}
          >
            {"icon" in face ? <Icon name={face.icon} /> : face.emoji}
          </button>
        ))}
      </span>
      <span className="message-menu">
        <Menu
          label="Message options"
          items={tools.map(({ label, onUse }) => ({ label, onChoose: onUse }))}
        />
      </span>
    </>
  );
}

function toolsOf({ row, message, actions, hasState, onDelete }: MessageToolbarProps): Tool[] {
  const reactions = QUICK_REACTIONS.map((emoji) => ({
    label: `React with ${emoji}`,
    face: { emoji },
    onUse: () => actions.react(message, emoji),
  }));
  const tool = (label: string, icon: IconName, onUse: () => void): Tool => ({
    label,
    face: { icon },
    onUse,
  });
  const mayChange = hasState && row.isOwn;
  const mayEdit = mayChange && message.data?.text !== undefined;
  return [
    ...(hasState ? reactions : []),
    tool("Reply", "reply", () => actions.begin({ kind: "reply", message })),
    ...(mayEdit ? [tool("Edit", "edit", () => actions.begin({ kind: "edit", message }))] : []),
    ...(mayChange ? [tool("Delete", "remove", onDelete)] : []),
  ];
}
