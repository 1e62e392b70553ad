import type { ReactElement } from "react";
import type { Conversation } from "./conversation.ts";
import type { OutgoingMessage } from "./conversation-state.ts";
import { displayName } from "./people.ts";
import type { MessageRow } from "./timeline.ts";
import { formatTime } from "./times.ts";

/** One message, with its sender at the start of a run and its time at the end. */
export function MessageItem({
  row,
  conversation,
}: {
  readonly row: MessageRow;
  readonly conversation: Conversation;
}): ReactElement {
  const name = row.isOwn ? "You" : displayName(row.sender);
  return (
    <li
      className="message"
      data-own={row.isOwn}
      data-first={row.isFirst}
      data-last={row.isLast}
      data-delivery={row.delivery}
    >
      {row.isFirst && <span className={row.isOwn ? "sr-only" : "message-sender"}>{name}</span>}
      <p className="message-bubble">{row.text}</p>
      {row.outgoing?.error === undefined ? (
        row.isLast && <Meta at={row.at} delivery={row.delivery} />
      ) : (
        <Failure outgoing={row.outgoing} reason={row.outgoing.error} conversation={conversation} />
      )}
    </li>
  );
}

function Meta({
  at,
  delivery,
}: {
  readonly at: number;
  readonly delivery: MessageRow["delivery"];
}): ReactElement {
  return (
    <span className="message-meta">
      <time dateTime={new Date(at).toISOString()} title={new Date(at).toLocaleString()}>
        {formatTime(at)}
      </time>
      {delivery === "sent" && <Glyph label="Sent" path="M3 8.5l3.2 3.2L13 5" />}
      {delivery === "sending" && (
        <Glyph
          label="Sending"
          path="M8 4.5V8l2.3 1.5M8 1.8a6.2 6.2 0 1 1 0 12.4A6.2 6.2 0 0 1 8 1.8"
        />
      )}
    </span>
  );
}

function Glyph({ label, path }: { readonly label: string; readonly path: string }): ReactElement {
  return (
    <svg className="glyph" viewBox="0 0 16 16" width="13" height="13" role="img" aria-label={label}>
      <path d={path} />
    </svg>
  );
}

function Failure({
  outgoing,
  reason,
  conversation,
}: {
  readonly outgoing: OutgoingMessage;
  readonly reason: string;
  readonly conversation: Conversation;
}): ReactElement {
  return (
    <span className="message-meta message-failure">
      Not sent: {reason}
      <span className="message-decision">
        <button type="button" className="link" onClick={() => conversation.retry(outgoing)}>
          Retry
        </button>
        <button type="button" className="link" onClick={() => conversation.discard(outgoing)}>
          Discard
        </button>
      </span>
    </span>
  );
}
