import type { MessagePart } from "@anywire/types";
import {
  type ClipboardEvent,
  type FormEvent,
  type KeyboardEvent,
  type ReactElement,
  useEffect,
  useRef,
  useState,
} from "react";
import { Icon } from "../app/icon.tsx";
import { AttachButton } from "../attachments/attach-button.tsx";
import { outsideNotes } from "../attachments/outside-notes.ts";
import { pastedFiles } from "../attachments/pasted-files.ts";
import { reasonToWait, type Tray } from "../attachments/tray.ts";
import { TrayList } from "../attachments/tray-list.tsx";
import { useTray } from "../attachments/use-tray.ts";
import type { Intent } from "./intent.ts";
import { textOf } from "./rows.ts";
import type { Outside } from "./use-abilities.ts";
import { useNames } from "./use-names.ts";
import "./composer.css";

const MAX_ROWS = 8;

/** What the composer is given. */
export interface ComposerProps {
  /** Who writes. */
  readonly name: string;
  /** What the channel is called. */
  readonly title: string;
  readonly initialText: string;
  /** What goes with the next message; with an edit nothing does. */
  readonly tray: Tray;
  /** Whom it leads to. */
  readonly outside: Outside;
  readonly intent: Intent | undefined;
  readonly notice: string | undefined;
  /** Whether nothing can be written here. */
  readonly isClosed: boolean;
  readonly takesFocus: boolean;
  readonly onWrite: (text: string) => void;
  /** At least one of both is not empty. */
  readonly onSubmit: (text: string, parts: readonly MessagePart[]) => void;
  readonly onCancel: () => void;
  /** Goes to the messages: with the arrow up, where nothing is written. */
  readonly onLeaveUp: () => void;
}

/** Where one writes: Enter sends, Shift+Enter begins a new line, Escape gives an answer or an edit up. */
export function Composer(props: ComposerProps): ReactElement {
  const { name, title, tray, intent, isClosed, takesFocus, onWrite, onSubmit } = props;
  const [text, setText] = useState(props.initialText);
  const isEdit = intent?.kind === "edit";
  const attached = useTray(tray);
  const files = isEdit ? [] : attached;
  const mayAttach = !isEdit && !isClosed;
  const isReady = text.trim() !== "" || files.length > 0;
  const reason = reasonToWait(files);
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
    if (!isReady || reason !== undefined) return;
    write("");
    onSubmit(text.trim(), isEdit ? [] : tray.take());
    field.current?.focus();
  };
  const attach = (files: Iterable<File>): void => {
    tray.add(files);
    field.current?.focus();
  };
  const onPaste = (event: ClipboardEvent): void => {
    const files = pastedFiles(event.clipboardData);
    if (files.length === 0 || !mayAttach) return;
    event.preventDefault();
    tray.add(files);
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
      <TrayList tray={tray} files={files} notes={outsideNotes(files, props.outside)} />
      <div className="composer-box">
        {!isEdit && <AttachButton isDisabled={isClosed} onFiles={attach} />}
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
          onPaste={onPaste}
        />
        <button
          type="submit"
          className="composer-send"
          aria-label={isEdit ? "Save" : "Send"}
          title={reason}
          disabled={isClosed || !isReady || reason !== undefined}
        >
          <Icon name={isEdit ? "check" : "send"} />
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
  const nameOf = useNames();
  return (
    <div className="composer-intent">
      <span className="composer-intent-text">
        <strong>{kind === "edit" ? "Edit message" : `Reply to ${nameOf(message.sender)}`}</strong>
        {textOf(message.data)}
      </span>
      <button type="button" className="icon-button" aria-label="Cancel" onClick={onCancel}>
        <Icon name="close" />
      </button>
    </div>
  );
}
