import type { HandsetMessageView, HandsetNetwork } from "@anywire/types";
import { type FormEvent, type KeyboardEvent, type ReactElement, useEffect, useRef } from "react";
import { Icon } from "../app/icon.tsx";
import type { ChosenMedia } from "./chosen-media.ts";
import { saidIn } from "./handset-rows.ts";
import { lookOf } from "./network-look.ts";
import { useDraft } from "./use-draft.ts";

const MAX_ROWS = 6;

/** Where a keyboard is at hand it is not in the way to have the field focused. */
const HAS_KEYBOARD = "(pointer: fine)";

/** What a person writes with. */
export interface HandsetComposerProps {
  readonly network: HandsetNetwork;
  readonly person: string;
  readonly messages: readonly HandsetMessageView[];
  /** The message that the next one answers, if somebody chose one. */
  readonly answered: HandsetMessageView | undefined;
  /** Counts how often it was chosen: each time it takes the focus. 0 for never. */
  readonly chosen: number;
  readonly onAnswer: (message: HandsetMessageView | undefined) => void;
}

/** Where a person writes: Enter sends, Shift+Enter begins a new line, Escape gives an answer up. */
export function HandsetComposer(props: HandsetComposerProps): ReactElement {
  const { network, person, chosen } = props;
  const { abilities, business } = network;
  const draft = useDraft(props);
  const { text, media, subject, answered, hasSubject, failure } = draft;
  const field = useRef<HTMLTextAreaElement>(null);
  useEffect(() => {
    const mayOpenKeyboard = matchMedia(HAS_KEYBOARD).matches || props.answered !== undefined;
    if ((chosen > 0 || props.answered !== undefined) && mayOpenKeyboard) field.current?.focus();
  }, [chosen, props.answered]);
  const cancel = (): void => {
    draft.cancel();
    field.current?.focus();
  };
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (draft.isReady) void draft.send().then(() => field.current?.focus());
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    // While an input method composes a character, its keys belong to it.
    if (event.nativeEvent.isComposing) return;
    if (event.key === "Enter" && !event.shiftKey) submit(event);
    if (event.key === "Escape" && answered !== undefined) cancel();
  };
  return (
    <form className="device-composer" onSubmit={submit}>
      {failure !== undefined && (
        <p className="device-failure" role="alert">
          {failure}
        </p>
      )}
      {answered !== undefined && (
        <AnswerBar answered={answered} network={network} onCancel={cancel} />
      )}
      {media !== undefined && <MediaBar media={media} onRemove={draft.leaveOut} />}
      {hasSubject && (
        <input
          type="text"
          className="device-subject"
          aria-label="Subject"
          placeholder="Subject"
          value={subject}
          maxLength={998}
          onChange={(event) => draft.setSubject(event.target.value)}
        />
      )}
      <div className="composer-box">
        {abilities.media && <MediaButton onFile={draft.attach} />}
        <textarea
          ref={field}
          className="composer-field"
          aria-label={`Message of ${person} to ${business}`}
          placeholder={lookOf(network.network).hint}
          rows={Math.min(text.split("\n").length, MAX_ROWS)}
          value={text}
          enterKeyHint="send"
          onChange={(event) => draft.write(event.target.value)}
          onKeyDown={onKeyDown}
        />
        <button type="submit" className="composer-send" aria-label="Send" disabled={!draft.isReady}>
          <Icon name="send" />
        </button>
      </div>
    </form>
  );
}

function AnswerBar({
  answered,
  network,
  onCancel,
}: {
  readonly answered: HandsetMessageView;
  readonly network: HandsetNetwork;
  readonly onCancel: () => void;
}): ReactElement {
  const { subject, direction } = answered;
  const whom = direction === "out" ? "yourself" : network.business;
  return (
    <div className="composer-intent">
      <span className="composer-intent-text">
        <strong>Answer to {whom}</strong>
        {subject || saidIn(answered)}
      </span>
      <button
        type="button"
        className="icon-button"
        aria-label={network.abilities.subject ? "Begin a new letter instead" : "No answer"}
        title={network.abilities.subject ? "Begin a new letter instead" : "No answer"}
        onClick={onCancel}
      >
        <Icon name="close" />
      </button>
    </div>
  );
}

function MediaBar({
  media: { name, mimeType, dataUrl },
  onRemove,
}: {
  readonly media: ChosenMedia;
  readonly onRemove: () => void;
}): ReactElement {
  return (
    <div className="device-chosen">
      {mimeType.startsWith("image/") ? (
        <img src={dataUrl} alt="" />
      ) : (
        <Icon name="file" size={20} />
      )}
      <span>{name}</span>
      <button
        type="button"
        className="icon-button"
        aria-label={`Leave ${name} out`}
        onClick={onRemove}
      >
        <Icon name="close" />
      </button>
    </div>
  );
}

function MediaButton({ onFile }: { readonly onFile: (file: File) => void }): ReactElement {
  const input = useRef<HTMLInputElement>(null);
  return (
    <>
      <button
        type="button"
        className="icon-button attach-button"
        aria-label="Attach a picture or file"
        title="Attach a picture or file"
        onClick={() => input.current?.click()}
      >
        <Icon name="attach" size={18} />
      </button>
      <input
        ref={input}
        type="file"
        hidden
        onChange={({ currentTarget }) => {
          const [file] = currentTarget.files ?? [];
          if (file !== undefined) onFile(file);
          // So that the same file can be chosen again.
          currentTarget.value = "";
        }}
      />
    </>
  );
}
