import type { ReactElement } from "react";
import { Icon } from "../app/icon.tsx";
import { formatSize } from "./format-size.ts";
import { refusalText } from "./refusal-text.ts";
import { reasonToWait, type Tray, type TrayFile } from "./tray.ts";
import "./tray.css";

/** The files that go with the next message: how far each is, and why the message has to wait. */
export function TrayList({
  tray,
  files,
  notes,
}: {
  readonly tray: Tray;
  readonly files: readonly TrayFile[];
  /** What becomes of some of them on their way, by their keys. */
  readonly notes: ReadonlyMap<number, string>;
}): ReactElement | null {
  if (files.length === 0) return null;
  return (
    <div className="tray">
      <ul className="tray-files" aria-label="Attachments">
        {files.map((one) => (
          <TrayRow key={one.key} one={one} tray={tray} note={notes.get(one.key)} />
        ))}
      </ul>
      <p className="tray-reason" role="status">
        {reasonToWait(files)}
      </p>
    </div>
  );
}

function TrayRow({
  one: { key, file, sentBytes, attachment, error },
  tray,
  note,
}: {
  readonly one: TrayFile;
  readonly tray: Tray;
  readonly note: string | undefined;
}): ReactElement {
  const { name, size, type } = file;
  const isUploading = attachment === undefined && error === undefined;
  const verb = isUploading ? "Cancel" : "Remove";
  return (
    <li className="tray-file">
      <Icon name={type.startsWith("image/") ? "image" : "file"} />
      <span className="tray-name" title={name}>
        {name}
      </span>
      <span className="tray-size">{formatSize(size)}</span>
      {error !== undefined && (
        <button type="button" className="link" onClick={() => tray.retry(key)}>
          Retry
        </button>
      )}
      <button
        type="button"
        className="icon-button"
        aria-label={`${verb} ${name}`}
        title={verb}
        onClick={() => tray.remove(key)}
      >
        <Icon name="close" size={14} />
      </button>
      {note !== undefined && <span className="tray-note">{note}</span>}
      {isUploading && (
        <progress
          className="tray-progress"
          aria-label={`Upload of ${name}`}
          max={Math.max(size, 1)}
          value={sentBytes}
        />
      )}
      {error !== undefined && (
        <span className="tray-problem" role="alert" title={error.message}>
          Not uploaded: {refusalText(error)}.
        </span>
      )}
    </li>
  );
}
