import type { TimelineMessage } from "@anywire/client/timeline";
import type { ReactElement } from "react";
import { Icon, type IconName } from "../app/icon.tsx";
import { Menu } from "../menu/menu.tsx";
import type { MessageChoices } from "./message-choices.ts";
import type { MessageActions } from "./use-message-actions.ts";

/** One thing that can be done with a message. */
interface Tool {
  readonly label: string;
  readonly face: { readonly icon: IconName } | { readonly emoji: string };
  readonly onUse: () => void;
}

/** What is needed to say what can be done with a message. */
export interface MessageToolbarProps {
  readonly message: TimelineMessage;
  readonly choices: MessageChoices;
  readonly actions: MessageActions;
  /** Whether the channel was opened: only then can a message change. */
  readonly hasState: boolean;
  /** Asks whether to delete it. */
  readonly onDelete: () => void;
}

/** What can be done with one message, beside it: as buttons, or where there is no room for them as a menu. */
export function MessageToolbar(props: MessageToolbarProps): ReactElement | null {
  const tools = toolsOf(props);
  if (tools.length === 0) return null;
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

function toolsOf(props: MessageToolbarProps): Tool[] {
  const { message, actions, hasState, choices, onDelete } = props;
  const { reactions, mayReply, mayEdit, deletes } = choices;
  const tool = (label: string, icon: IconName, onUse: () => void): Tool => ({
    label,
    face: { icon },
    onUse,
  });
  const answer = tool("Reply", "reply", () => actions.begin({ kind: "reply", message }));
  if (!hasState) return mayReply ? [answer] : [];
  return [
    ...reactions.map((emoji) => ({
      label: `React with ${emoji}`,
      face: { emoji },
      onUse: () => actions.react(message, emoji),
    })),
    ...(mayReply ? [answer] : []),
    ...(mayEdit ? [tool("Edit", "edit", () => actions.begin({ kind: "edit", message }))] : []),
    ...(deletes === undefined
      ? []
      : [tool(deletes === "on your side" ? "Delete on your side" : "Delete", "remove", onDelete)]),
  ];
}
