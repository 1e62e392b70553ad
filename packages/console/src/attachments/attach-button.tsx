import { type ReactElement, useRef } from "react";
import { Icon } from "../app/icon.tsx";

/** Asks for files. */
export function AttachButton({
  isDisabled,
  onFiles,
}: {
  readonly isDisabled: boolean;
  readonly onFiles: (files: Iterable<File>) => void;
}): ReactElement {
  const input = useRef<HTMLInputElement>(null);
  return (
    <>
      <button
        type="button"
        className="icon-button attach-button"
        aria-label="Attach files"
        title="Attach files"
        disabled={isDisabled}
        onClick={() => input.current?.click()}
      >
        <Icon name="attach" size={18} />
      </button>
      <input
        ref={input}
        type="file"
        multiple
        hidden
        onChange={({ currentTarget }) => {
          onFiles([...(currentTarget.files ?? [])]);
          // So that the same file can be chosen again.
          currentTarget.value = "";
        }}
      />
    </>
  );
}
