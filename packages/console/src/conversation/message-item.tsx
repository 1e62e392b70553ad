import type { DeliveryStatus } from "@anywire/types";
import { type FocusEvent, type ReactElement, useRef, useState } from "react";
import { Icon, type IconName } from "../app/icon.tsx";
import { MessageParts } from "../attachments/message-parts.tsx";
import { DeleteQuestion } from "./delete-question.tsx";
import { DeliveryProblems } from "./delivery-problems.tsx";
import { type DeliveriesSummary, describeDeliveries } from "./describe-deliveries.ts";
import { choicesOf, mayReact } from "./message-choices.ts";
import { MessageToolbar } from "./message-toolbar.tsx";
import { listNames } from "./people.ts";
import type { Delivery, MessageRow, Quote } from "./rows.ts";
import { formatTime } from "./times.ts";
import type { Outside } from "./use-abilities.ts";
import type { MessageActions } from "./use-message-actions.ts";
import { useNames } from "./use-names.ts";

/** One message, with its sender at the start of a run and its time at the end. Focused or pointed at it offers what can be done. */
export function MessageItem({
  row,
  actions,
  hasState,
  outside,
}: {
  readonly row: MessageRow;
  readonly actions: MessageActions;
  /** Whether the channel was opened: only then can a message change. */
  readonly hasState: boolean;
  readonly outside: Outside;
}): ReactElement {
  const [isPointed, setIsPointed] = useState(false);
  const [isFocused, setIsFocused] = useState(false);
  const [isAsking, setIsAsking] = useState(false);
  const item = useRef<HTMLLIElement>(null);
  const nameOf = useNames();
  const leave = ({ currentTarget, relatedTarget }: FocusEvent): void => {
    if (!currentTarget.contains(relatedTarget)) setIsFocused(false);
  };
  const { stored, outgoing } = row;
  const name = row.isOwn ? "You" : nameOf(row.sender);
  const isEdited = stored !== undefined && stored.version > 1;
  const here = stored?.deleted === false ? stored : undefined;
  const deliveries = describeDeliveries(here?.deliveries);
  const choices = choicesOf({ message: here, isOwn: row.isOwn, outside, now: Date.now() });
  const leaveQuestion = (): void => {
    setIsAsking(false);
    item.current?.focus();
  };
  return (
    <li
      ref={item}
      className="message"
      tabIndex={-1}
      data-own={row.isOwn}
      data-first={row.isFirst}
      data-last={row.isLast}
      data-delivery={row.delivery}
      data-deleted={stored?.deleted}
      onPointerEnter={({ pointerType }) => setIsPointed(pointerType === "mouse")}
      onPointerLeave={() => setIsPointed(false)}
      onFocus={() => setIsFocused(true)}
      onBlur={leave}
    >
      {row.isFirst && <span className={row.isOwn ? "sr-only" : "message-sender"}>{name}</span>}
      <div className="message-bubble">
        {row.quote !== undefined && <QuoteLine quote={row.quote} />}
        {row.parts.length > 0 && <MessageParts parts={row.parts} />}
        {row.text !== "" && <p>{row.text}</p>}
        {here !== undefined && (isPointed || isFocused) && (
          <MessageToolbar
            message={here}
            choices={choices}
            actions={actions}
            hasState={hasState}
            onDelete={() => setIsAsking(true)}
          />
        )}
      </div>
      {here !== undefined && isAsking && (
        <DeleteQuestion
          keeper={choices.deletes === "on your side" ? outside : null}
          onDelete={() => actions.remove(here)}
          onLeave={leaveQuestion}
        />
      )}
      <Reactions row={row} actions={actions} outside={outside} />
      {outgoing?.error === undefined ? (
        (row.isLast || row.isBehind || isEdited) && (
          <Meta row={row} isEdited={isEdited} outside={deliveries} />
        )
      ) : (
        <Failure id={outgoing.id} reason={outgoing.error.message} actions={actions} />
      )}
      <DeliveryProblems outside={deliveries} actions={actions} />
    </li>
  );
}

function QuoteLine({ quote: { sender, text } }: { readonly quote: Quote }): ReactElement {
  const nameOf = useNames();
  return (
    <span className="message-quote">
      {sender !== undefined && <strong>{nameOf(sender)}</strong>}
      <span>{text}</span>
    </span>
  );
}

function Reactions({
  row: { stored },
  actions,
  outside,
}: {
  readonly row: MessageRow;
  readonly actions: MessageActions;
  readonly outside: Outside;
}): ReactElement | null {
  const nameOf = useNames();
  if (stored === undefined || stored.reactions.length === 0) return null;
  return (
    <span className="reactions">
      {stored.reactions.map(({ emoji, count, mine, accounts }) => (
        <button
          key={emoji}
          type="button"
          className="reaction"
          aria-pressed={mine}
          title={listNames(accounts.map(nameOf))}
          disabled={!mine && !mayReact(outside, emoji)}
          onClick={() => actions.react(stored, emoji)}
        >
          {emoji} <span>{count}</span>
        </button>
      ))}
    </span>
  );
}

const DELIVERIES: Readonly<Record<Exclude<Delivery, "failed">, readonly [IconName, string]>> = {
  sending: ["clock", "Sending"],
  sent: ["check", "Sent"],
  delivered: ["checks", "Delivered"],
  read: ["checks", "Read"],
};

/** On networks there is more that can become of a message. */
const OUTSIDE: Readonly<Record<DeliveryStatus, IconName>> = {
  queued: "clock",
  sending: "clock",
  sent: "check",
  delivered: "checks",
  read: "checks",
  unconfirmed: "warning",
  failed: "warning",
  canceled: "close",
};

function Meta({
  row: { at, delivery },
  isEdited,
  outside,
}: {
  readonly row: MessageRow;
  readonly isEdited: boolean;
  /** How it fares on its way to those outside: what counts then. */
  readonly outside: DeliveriesSummary | undefined;
}): ReactElement {
  const inside = delivery && delivery !== "failed" ? DELIVERIES[delivery] : [];
  const [icon, label] = outside ? [OUTSIDE[outside.status], outside.label] : inside;
  return (
    <span className="message-meta">
      {isEdited && "Edited"}
      <time dateTime={new Date(at).toISOString()} title={new Date(at).toLocaleString()}>
        {formatTime(at)}
      </time>
      {icon !== undefined && label !== undefined && (
        <span className="message-tick" data-status={outside?.status} title={label}>
          <Icon name={icon} label={label} size={14} />
        </span>
      )}
    </span>
  );
}

function Failure({
  id,
  reason,
  actions,
}: {
  readonly id: string;
  readonly reason: string;
  readonly actions: MessageActions;
}): ReactElement {
  return (
    <span className="message-meta message-failure">
      Not sent: {reason}
      <span className="message-decision">
        <button type="button" className="link" onClick={() => actions.retry(id)}>
          Retry
        </button>
        <button type="button" className="link" onClick={() => actions.discard(id)}>
          Discard
        </button>
      </span>
    </span>
  );
}
