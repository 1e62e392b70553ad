import type { HandsetFaultKind, HandsetNetwork } from "@anywire/types";
import { type FormEvent, type ReactElement, useEffect, useId, useRef, useState } from "react";
import { CALL_FAULTS, type FaultText, faultRequest, faultsOf, SEND_FAULTS } from "./faults.ts";
import { useAttempt } from "./use-attempt.ts";
import { useHandsets } from "./use-handsets.ts";
import "../channels/new-channel-dialog.css";
import "./faults-dialog.css";

/** Asks what is to go wrong next in a network that has faults, and how often. */
export function FaultsDialog({
  network,
  onClose,
}: {
  readonly network: HandsetNetwork;
  readonly onClose: () => void;
}): ReactElement {
  const { api } = useHandsets();
  const dialog = useRef<HTMLDialogElement>(null);
  const titleId = useId();
  const [kind, setKind] = useState(network.faults[0]);
  const [times, setTimes] = useState("1");
  const [done, setDone] = useState<string>();
  const { failure, attempt } = useAttempt();
  useEffect(() => dialog.current?.showModal(), []);
  const choose = (chosen: HandsetFaultKind): void => {
    setKind(chosen);
    setDone(undefined);
  };
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (kind === undefined) return;
    const count = Number(times);
    void attempt(api.inject(network.id, faultRequest(kind, count))).then(
      () => setDone(doneText(kind, count)),
      () => setDone(undefined),
    );
  };
  return (
    <dialog ref={dialog} className="dialog faults" aria-labelledby={titleId} onClose={onClose}>
      <form className="dialog-form" onSubmit={submit}>
        <h2 id={titleId} className="card-title">
          What goes wrong next
        </h2>
        <p className="card-text">
          It strikes {network.displayName} as a whole, everybody who is on it.
        </p>
        <Choices
          title="When the product sends"
          faults={faultsOf(network, SEND_FAULTS)}
          chosen={kind}
          onChoose={choose}
        />
        <Choices
          title="When the network calls"
          faults={faultsOf(network, CALL_FAULTS)}
          chosen={kind}
          onChoose={choose}
        />
        <label className="dialog-field faults-times">
          <span>How many times</span>
          <input
            type="number"
            min={1}
            max={1000}
            step={1}
            required
            value={times}
            onChange={(event) => setTimes(event.target.value)}
          />
        </label>
        {failure !== undefined && (
          <span className="dialog-problem" role="alert">
            {failure}
          </span>
        )}
        <span className="faults-done" role="status">
          {done}
        </span>
        <div className="dialog-buttons">
          <button type="button" className="button" onClick={() => dialog.current?.close()}>
            {done === undefined ? "Cancel" : "Close"}
          </button>
          <button type="submit" className="button button-primary">
            Let it happen
          </button>
        </div>
      </form>
    </dialog>
  );
}

function Choices({
  title,
  faults,
  chosen,
  onChoose,
}: {
  readonly title: string;
  readonly faults: readonly FaultText[];
  readonly chosen: HandsetFaultKind | undefined;
  readonly onChoose: (kind: HandsetFaultKind) => void;
}): ReactElement | null {
  if (faults.length === 0) return null;
  return (
    <fieldset className="faults-choices">
      <legend>{title}</legend>
      {faults.map(({ kind, title, about }) => (
        <label key={kind} className="faults-choice">
          <input
            type="radio"
            name="fault"
            className="sr-only"
            checked={kind === chosen}
            onChange={() => onChoose(kind)}
          />
          <strong>{title}</strong>
          <span>{about}</span>
        </label>
      ))}
    </fieldset>
  );
}

function doneText(kind: HandsetFaultKind, times: number): string {
  const title = [...SEND_FAULTS, ...CALL_FAULTS].find((one) => one.kind === kind)?.title ?? kind;
  return `“${title}” happens to the next ${times === 1 ? "one" : times}.`;
}
