import { type ReactElement, type ReactNode, useEffect, useId, useRef } from "react";
import { useAction } from "./use-action.ts";
import "../channels/new-channel-dialog.css";

/** Asks before something is done that others notice. Stays open, and says why, when it fails. */
export function ConfirmDialog({
  title,
  children,
  choices,
  onClose,
}: {
  readonly title: string;
  readonly children: ReactNode;
  /** What can be done; the last one is what is usually meant. */
  readonly choices: readonly { readonly label: string; readonly work: () => Promise<unknown> }[];
  readonly onClose: () => void;
}): ReactElement {
  const dialog = useRef<HTMLDialogElement>(null);
  const titleId = useId();
  const { isBusy, failure, run } = useAction();
  useEffect(() => dialog.current?.showModal(), []);
  const choose = (work: () => Promise<unknown>): void =>
    void run(async () => {
      await work();
      dialog.current?.close();
    });
  return (
    <dialog ref={dialog} className="dialog" aria-labelledby={titleId} onClose={onClose}>
      <div className="dialog-form">
        <h2 id={titleId} className="card-title">
          {title}
        </h2>
        {children}
        {failure !== undefined && (
          <span className="dialog-problem" role="alert">
            {failure}
          </span>
        )}
        <div className="dialog-buttons">
          <button type="button" className="button" onClick={() => dialog.current?.close()}>
            Cancel
          </button>
          {choices.map(({ label, work }, i) => (
            <button
              key={label}
              type="button"
              className={i === choices.length - 1 ? "button button-primary" : "button"}
              disabled={isBusy}
              onClick={() => choose(work)}
            >
              {label}
            </button>
          ))}
        </div>
      </div>
    </dialog>
  );
}
