import {
  type FormEvent,
  type KeyboardEvent,
  type ReactElement,
  useEffect,
  useRef,
  useState,
} from "react";
import { Icon } from "../app/icon.tsx";
import type { Intent } from "./intent.ts";
import { displayName } from "./people.ts";
import { textOf } from "./rows.ts";
import "./composer.css";

const MAX_ROWS = 8;

/** What the composer is given. */
export interface ComposerProps {
  /** Who writes. */
  readonly name: string;
  /** What the channel is called. */
  readonly title: string;
  readonly initialText: string;
  readonly intent: Intent | undefined;
  readonly notice: string | undefined;
  /** Whether nothing can be written here. */
  readonly isClosed: boolean;
  readonly takesFocus: boolean;
  readonly onWrite: (text: string) => void;
  readonly onSubmit: (text: string) => void;
  readonly onCancel: () => void;
  /** Goes to the messages: with the arrow up, where nothing is written. */
  readonly onLeaveUp: () => void;
}

/** Where one writes: Enter sends, Shift+Enter begins a new line, Escape gives an answer or an edit up. */
export function Composer(props: ComposerProps): ReactElement {
  const { name, title, intent, isClosed, takesFocus, onWrite, onSubmit } = props;
  const [text, setText] = useState(props.initialText);
  const field = useRef<HTMLTextAreaElement>(null);
  useEffect(() => {
    if (takesFocus || intent !== undefined) field.current?.focus();
  }, [takesFocus, intent]);

  const write = (value: string): void => {
    setText(value);
    onWrite(value);
  };
  const send = (event: FormEvent): void => {
    event.preventDefault();
    if (text.trim() === "") return;
    write("");
    onSubmit(text.trim());
    field.current?.focus();
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    // While an input method composes a character, its keys belong to it.
    if (event.nativeEvent.isComposing) return;
    if (event.key === "Enter" && !event.shiftKey) send(event);
    if (event.key === "Escape" && intent !== undefined) props.onCancel();
    if (event.key !== "ArrowUp" || text !== "") return;
    event.preventDefault();
    props.onLeaveUp();
  };

  return (
    <form className="composer" onSubmit={send}>
      {props.notice !== undefined && <p className="composer-notice">{props.notice}</p>}
      {intent !== undefined && <IntentBar intent={intent} onCancel={props.onCancel} />}
      <div className="composer-box">
        <textarea
          ref={field}
          className="composer-field"
          aria-label={`Message as ${name}`}
          aria-description="Arrow up goes to the messages"
          placeholder={`Message ${title} as ${name}`}
          rows={Math.min(text.split("\n").length, MAX_ROWS)}
          value={text}
          disabled={isClosed}
          enterKeyHint="send"
          onChange={(event) => write(event.target.value)}
          onKeyDown={onKeyDown}
        />
        <button
          type="submit"
          className="composer-send"
          aria-label={intent?.kind === "edit" ? "Save" : "Send"}
          disabled={isClosed || text.trim() === ""}
        >
          <Icon name={intent?.kind === "edit" ? "check" : "send"} />
        </button>
      </div>
    </form>
  );
}

function IntentBar({
  intent: { kind, message },
  onCancel,
}: {
  readonly intent: Intent;
  readonly onCancel: () => void;
}): ReactElement {
  return (
    <div className="composer-intent">
      <span className="composer-intent-text">
        <strong>
          {kind === "edit" ? "Edit message" : `Reply to ${displayName(message.sender)}`}
        </strong>
        {textOf(message.data)}
      </span>
      <button type="button" className="icon-button" aria-label="Cancel" onClick={onCancel}>
        <Icon name="close" />
      </button>
    </div>
  );
}
