import type { FunctionStatusAnswer } from "@anywire/types";
import { type ReactElement, useState } from "react";
import { ConfirmDialog } from "./confirm-dialog.tsx";
import { runsAfter } from "./describe-function.ts";
import { useOperatorHere } from "./operator-context.ts";

/** Disables a function, or has it run again. Both are asked about: others notice. */
export function FunctionSwitch({
  status,
  onChange,
}: {
  readonly status: FunctionStatusAnswer;
  readonly onChange: () => Promise<void>;
}): ReactElement {
  const { api } = useOperatorHere();
  const [isAsking, setIsAsking] = useState(false);
  const { name, state } = status;
  const isRunning = state === "running";
  const after = (work: () => Promise<unknown>) => async () => {
    await work();
    await onChange();
  };
  const enable = (fromNow: boolean) => after(() => api.enable(name, fromNow));
  return (
    <>
      <button
        type="button"
        className={isRunning ? "button" : "button button-primary"}
        onClick={() => setIsAsking(true)}
      >
        {isRunning ? "Disable" : "Enable"}
      </button>
      {isAsking && (
        <ConfirmDialog
          title={`${isRunning ? "Disable" : "Enable"} ${name}?`}
          choices={
            isRunning
              ? [{ label: "Disable", work: after(() => api.disable(name)) }]
              : enableChoices(runsAfter(status), enable)
          }
          onClose={() => setIsAsking(false)}
        >
          <p className="card-text">{isRunning ? disableText(status) : enableText(status)}</p>
        </ConfirmDialog>
      )}
    </>
  );
}

function enableChoices(canCatchUp: boolean, enable: (fromNow: boolean) => () => Promise<void>) {
  if (!canCatchUp) return [{ label: "Enable", work: enable(false) }];
  return [
    { label: "Begin from now", work: enable(true) },
    { label: "Go on where it stopped", work: enable(false) },
  ];
}

function disableText(status: FunctionStatusAnswer): string {
  if (runsAfter(status))
    return "It stops on all servers. What comes meanwhile can be caught up later.";
  if (status.trigger.startsWith("before")) {
    return "It stops on all servers, and what it stands in the way of passes without it.";
  }
  return "It stops on all servers.";
}

function enableText(status: FunctionStatusAnswer): string {
  if (!runsAfter(status)) return "It runs again on all servers.";
  return "It runs again on all servers: on all that came meanwhile, or only on what comes from now on.";
}
