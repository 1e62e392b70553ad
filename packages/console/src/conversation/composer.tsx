import {
  type FormEvent,
  type KeyboardEvent,
  type ReactElement,
  useEffect,
  useRef,
  useState,
} from "react";
import type { Conversation } from "./conversation.ts";
import "./composer.css";

const MAX_ROWS = 8;

/** Where one writes: Enter sends, Shift+Enter begins a new line. */
export function Composer({
  name,
  channel,
  conversation,
  notice,
  isClosed,
  takesFocus,
}: {
  readonly name: string;
  readonly channel: string;
  readonly conversation: Conversation;
  readonly notice: string | undefined;
  /** Whether nothing can be written here. */
  readonly isClosed: boolean;
  readonly takesFocus: boolean;
}): ReactElement {
  const [text, setText] = useState("");
  const field = useRef<HTMLTextAreaElement>(null);
  useEffect(() => {
    if (takesFocus) field.current?.focus();
  }, [takesFocus]);

  const write = (value: string): void => {
    setText(value);
    if (value.trim() !== "") conversation.type();
  };
  const send = (event: FormEvent): void => {
    event.preventDefault();
    if (text.trim() === "") return;
    conversation.send(text.trim());
    setText("");
    field.current?.focus();
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    // While an input method composes a character, Enter belongs to it.
    if (event.key === "Enter" && !event.shiftKey && !event.nativeEvent.isComposing) send(event);
  };

  return (
    <form className="composer" onSubmit={send}>
      {notice !== undefined && <p className="composer-notice">{notice}</p>}
      <div className="composer-box">
        <textarea
          ref={field}
          className="composer-field"
          aria-label={`Message as ${name}`}
          placeholder={`Message ${channel.slice(channel.lastIndexOf(".") + 1)} as ${name}`}
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
          aria-label="Send"
          disabled={isClosed || text.trim() === ""}
        >
          <svg viewBox="0 0 16 16" width="16" height="16" aria-hidden="true">
            <path d="M8 13V3.5M3.8 7.5L8 3.3l4.2 4.2" />
          </svg>
        </button>
      </div>
    </form>
  );
}
