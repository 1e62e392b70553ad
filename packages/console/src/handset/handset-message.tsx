import type { HandsetMessageView, HandsetNetwork } from "@anywire/types";
import type { ReactElement } from "react";
import { Icon, type IconName } from "../app/icon.tsx";
import { formatTime } from "../conversation/times.ts";
import type { HandsetRow } from "./handset-rows.ts";
import { lookOf, type NetworkLook } from "./network-look.ts";

const REACTIONS = ["👍", "❤️", "😂"];

/** What is needed to show a message on a handset. */
export interface HandsetMessageProps {
  readonly row: HandsetRow;
  readonly person: string;
  readonly network: HandsetNetwork;
  readonly onReply: (message: HandsetMessageView) => void;
  readonly onReact: (message: HandsetMessageView, emoji: string | null) => void;
}

/** One message as the person at the other end has it. */
export function HandsetMessage(props: HandsetMessageProps): ReactElement {
  const { row, person, network } = props;
  const { message, isOwn } = row;
  const { isDeleted, reaction, status } = message;
  const { style } = lookOf(network.network);
  const sender = isOwn ? person : network.business;
  return (
    <>
      {row.day !== undefined && <li className="device-day">{row.day}</li>}
      <li
        className="said"
        data-own={isOwn}
        data-first={row.isFirst}
        data-last={row.isLast}
        data-status={status}
        data-deleted={isDeleted}
      >
        <span className={showsSender(style, row) ? "said-sender" : "sr-only"} data-own={isOwn}>
          {sender}
        </span>
        <div className="said-body">
          <Content row={row} style={style} />
          {!isDeleted && <Tools {...props} />}
        </div>
        {reaction !== undefined && <span className="said-reaction">{reaction}</span>}
        {(row.isLast || isSheet(style) || status === "failed") && <Meta row={row} />}
      </li>
    </>
  );
}

function Content({
  row: { message, quote },
  style,
}: {
  readonly row: HandsetRow;
  readonly style: Style;
}): ReactElement {
  const { text, subject, media, isDeleted } = message;
  if (isDeleted) return <p>Deleted</p>;
  const pictures = media.map((one) => <Media key={`${one.url} ${one.name}`} media={one} />);
  const isLetter = style === "letters";
  return (
    <>
      {quote !== undefined && !isLetter && <span className="said-quote">{quote}</span>}
      {subject !== undefined && <span className="said-subject">{subject || "(no subject)"}</span>}
      {!isLetter && pictures}
      {text !== "" && <p>{text}</p>}
      {isLetter && pictures}
    </>
  );
}

type Style = NetworkLook["style"];

/** Whether each message is a piece of paper of its own. */
function isSheet(style: Style): boolean {
  return style === "letters" || style === "scrolls";
}

function showsSender(style: Style, { isFirst }: HandsetRow): boolean {
  return isSheet(style) || (style === "lines" && isFirst);
}

function Tools({
  row: { message, isOwn },
  network: { abilities },
  onReply,
  onReact,
}: HandsetMessageProps): ReactElement | null {
  const canReact = abilities.react && !isOwn;
  if (!canReact && !abilities.reply) return null;
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset is not laid out as a line
    <span className="said-tools" role="group" aria-label="What to do with it">
      {canReact &&
        REACTIONS.map((emoji) => (
          <button
            key={emoji}
            type="button"
            className="said-tool"
            aria-label={`React with ${emoji}`}
            aria-pressed={message.reaction === emoji}
            onClick={() => onReact(message, message.reaction === emoji ? null : emoji)}
          >
            {emoji}
          </button>
        ))}
      {abilities.reply && (
        <button
          type="button"
          className="said-tool"
          aria-label="Reply"
          title="Reply"
          onClick={() => onReply(message)}
        >
          <Icon name="reply" />
        </button>
      )}
    </span>
  );
}

function Media({
  media: { name, mimeType, url },
}: {
  readonly media: HandsetMessageView["media"][number];
}): ReactElement {
  const isHere = url.startsWith("dev/");
  if (isHere && /^image\/(?!svg)/.test(mimeType)) {
    return (
      <a className="said-picture" href={url} target="_blank" rel="noopener">
        <img src={url} alt={name} />
      </a>
    );
  }
  if (isHere && mimeType.startsWith("audio/")) {
    // biome-ignore lint/a11y/useMediaCaption: there are no words to it that somebody wrote down
    return <audio className="said-audio" src={url} controls aria-label={name} />;
  }
  return (
    <a
      className="said-file"
      {...(url !== "" && { href: url })}
      target="_blank"
      rel="noopener noreferrer"
    >
      <Icon name={mimeType.startsWith("image/") ? "image" : "file"} size={18} />
      <span>{name}</span>
    </a>
  );
}

const STATUSES: Readonly<Record<HandsetMessageView["status"], readonly [IconName, string]>> = {
  sent: ["check", "Sent"],
  delivered: ["checks", "Delivered"],
  read: ["checks", "Read"],
  failed: ["warning", "Failed"],
};

function Meta({ row: { message } }: { readonly row: HandsetRow }): ReactElement {
  const { at, status, isEdited } = message;
  const [icon, label] = STATUSES[status];
  return (
    <span className="said-meta">
      {isEdited && <span>Edited</span>}
      <time dateTime={new Date(at).toISOString()} title={new Date(at).toLocaleString()}>
        {formatTime(at)}
      </time>
      <Icon name={icon} label={label} size={14} />
      {status === "failed" && <span aria-hidden="true">Failed</span>}
    </span>
  );
}
