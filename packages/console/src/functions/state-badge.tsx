import type { FunctionStatusAnswer } from "@anywire/types";
import type { ReactElement } from "react";

/** Whether a function runs. */
export function StateBadge({
  state,
}: {
  readonly state: FunctionStatusAnswer["state"];
}): ReactElement {
  return (
    <span className="state-badge" data-state={state}>
      {state === "running" ? "Running" : "Disabled"}
    </span>
  );
}
