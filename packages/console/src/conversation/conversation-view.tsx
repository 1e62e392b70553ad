import { useChannel, useTotals } from "@anywire/client/react";
import { type ReactElement, useRef, useState } from "react";
import { useFileDrop } from "../attachments/use-file-drop.ts";
import { networkOf, peerOf, titleOf, titleOfName } from "../channels/describe-channel.ts";
import type { ConnectionDescription } from "../connection/describe-connection.ts";
import { Announcer } from "./announcer.tsx";
import { Composer } from "./composer.tsx";
import { ConversationHeader } from "./conversation-header.tsx";
import type { ChannelDraft } from "./drafts.ts";
import { MessageList } from "./message-list.tsx";
import { TypingIndicator } from "./typing-indicator.tsx";
import { useAbilities } from "./use-abilities.ts";
import { useChannelTimeline } from "./use-channel-timeline.ts";
import { useMessageActions } from "./use-message-actions.ts";
import { useNames } from "./use-names.ts";
import "./conversation.css";

/** A channel that is open on one account's side. Made anew for another channel. */
export function ConversationView({
  channel,
  self,
  connection,
  draft,
  isShown,
  takesFocus,
  onClose,
}: {
  readonly channel: string;
  /** Address of the account; undefined until it is known. */
  readonly self: string | undefined;
  readonly connection: ConnectionDescription;
  readonly draft: ChannelDraft;
  readonly isShown: boolean;
  readonly takesFocus: boolean;
  readonly onClose: () => void;
}): ReactElement {
  const row = useChannel(channel);
  const nameOf = useNames();
  const [state, timeline] = useChannelTimeline(channel);
  const { actions, intent, problem, submit, cancel } = useMessageActions(timeline);
  const elsewhere = useTotals().unread - (row?.hidden === false ? row.unread : 0);
  const [hasWritten, setHasWritten] = useState(false);
  const root = useRef<HTMLDivElement>(null);

  const edited = intent?.kind === "edit" ? intent.message : undefined;
  const write = (text: string): void => {
    if (edited !== undefined) return;
    draft.text = text;
    if (text.trim() !== "") timeline.type();
  };
  const finish = (work: () => void): void => {
    setHasWritten(true);
    work();
  };
  const network = row === undefined ? undefined : networkOf(row);
  const outside = useAbilities(channel, network);
  const isClosed = state.refusal !== undefined || row?.archived === true;
  const takesFiles = !isClosed && edited === undefined;
  const drop = useFileDrop(takesFiles ? (files) => draft.tray.add(files) : undefined);
  const toLastMessage = (): void =>
    [...(root.current?.querySelectorAll<HTMLElement>("li.message") ?? [])].at(-1)?.focus();

  const title = row === undefined ? titleOfName(channel) : titleOf(row, self, nameOf);
  const name = self === undefined ? "…" : nameOf(self);
  return (
    <div ref={root} className="conversation" {...drop}>
      <ConversationHeader
        name={name}
        title={title}
        peer={row === undefined ? undefined : peerOf(row, self)}
        network={network}
        state={state}
        connection={connection}
        unreadElsewhere={elsewhere}
        onClose={onClose}
      />
      <MessageList
        {...{ state, timeline, actions, outside }}
        hasState={row !== undefined}
        isShown={isShown}
        onLeave={() => root.current?.querySelector("textarea")?.focus()}
      />
      <TypingIndicator typing={state.typing} />
      <Composer
        key={edited?.id}
        name={name}
        title={title}
        initialText={edited === undefined ? draft.text : (edited.data?.text ?? "")}
        intent={intent}
        notice={problem ?? connection.notice}
        tray={draft.tray}
        outside={outside}
        isClosed={isClosed}
        takesFocus={takesFocus || hasWritten}
        onWrite={write}
        onSubmit={(text, parts) => finish(() => submit(text, parts))}
        onCancel={() => finish(cancel)}
        onLeaveUp={toLastMessage}
      />
      <Announcer state={state} />
    </div>
  );
}
