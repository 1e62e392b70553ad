import type { ReactElement } from "react";
import { ConnectionBadge } from "../connection/connection-badge.tsx";
import { ConnectionSwitch } from "../connection/connection-switch.tsx";
import type { ConnectionDescription } from "../connection/describe-connection.ts";
import type { Conversation } from "./conversation.ts";
import type { ConversationState } from "./conversation-state.ts";
import { displayName, listNames } from "./people.ts";

/** Whose side this is, who else is here, and the connection. */
export function PaneHeader({
  name,
  state,
  conversation,
  connection,
}: {
  readonly name: string;
  readonly state: ConversationState;
  readonly conversation: Conversation;
  readonly connection: ConnectionDescription;
}): ReactElement {
  return (
    <header className="pane-header">
      <span className="avatar" aria-hidden="true">
        {name.charAt(0)}
      </span>
      <div className="pane-who">
        <h2 className="pane-name">{name}</h2>
        <Presence state={state} />
      </div>
      <ConnectionBadge {...connection} />
      <ConnectionSwitch
        state={state.connection.state}
        onOnline={() => conversation.goOnline()}
        onOffline={() => conversation.goOffline()}
      />
    </header>
  );
}

function Presence({ state }: { readonly state: ConversationState }): ReactElement {
  const others = [...new Set(state.members.map(({ user }) => `account:${user}`))]
    .filter((address) => address !== state.self)
    .map(displayName)
    .sort();
  return (
    <p className="presence" data-here={others.length > 0}>
      {presenceText(state, others)}
    </p>
  );
}

function presenceText(
  { connection, refusal }: ConversationState,
  others: readonly string[],
): string {
  if (connection.state === "disconnected") return "Away";
  if (connection.state === "connecting") return "Waiting for the server";
  if (refusal !== undefined) return "Not in the channel";
  if (others.length === 0) return "Nobody else is here";
  return `${listNames(others)} ${others.length === 1 ? "is" : "are"} here`;
}
