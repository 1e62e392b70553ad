import type { DeploymentDecision } from "@anywire/types";
import { type ReactElement, useState } from "react";
import { ConfirmDialog } from "./confirm-dialog.tsx";
import { shortRevision } from "./describe-function.ts";

/** What is to be decided about revisions. */
export type Asked =
  | { readonly action: "rollback" | "end-canary" | "end-shadow" }
  | { readonly action: "activate" | "canary" | "shadow"; readonly revision: string };

const TEXTS: Readonly<
  Record<Asked["action"], { readonly title: string; readonly text: string; readonly verb: string }>
> = {
  activate: {
    title: "Activate",
    text: "All channels have it at once, on all servers. A canary or a shadow ends. If it can’t be loaded, what runs goes on.",
    verb: "Activate",
  },
  rollback: {
    title: "Roll back?",
    text: "The revision runs that was active before, on all servers. A canary or a shadow ends.",
    verb: "Roll back",
  },
  canary: {
    title: "Try",
    text: "Part of the channels has it instead of the active one; a channel stays on its side.",
    verb: "Begin canary",
  },
  "end-canary": {
    title: "End the canary?",
    text: "All channels have the active revision again.",
    verb: "End canary",
  },
  shadow: {
    title: "Run beside",
    text: "It runs on everything that the active one runs on, without effects. Where it comes out otherwise is counted, and told in the log.",
    verb: "Begin shadow",
  },
  "end-shadow": {
    title: "End the shadow?",
    text: "Only the active revision runs.",
    verb: "End shadow",
  },
};
const DEFAULT_PERCENT = 10;

/** Asks before another revision runs. */
export function DecisionDialog({
  asked,
  decide,
  onClose,
}: {
  readonly asked: Asked;
  readonly decide: (decision: DeploymentDecision) => Promise<void>;
  readonly onClose: () => void;
}): ReactElement {
  const [percent, setPercent] = useState(DEFAULT_PERCENT);
  const { title, text, verb } = TEXTS[asked.action];
  const decision = asked.action === "canary" ? { ...asked, percent } : asked;
  const revision = "revision" in asked ? ` ${shortRevision(asked.revision)}?` : "";
  return (
    <ConfirmDialog
      title={`${title}${revision}`}
      choices={[{ label: verb, work: () => decide(decision as DeploymentDecision) }]}
      onClose={onClose}
    >
      <p className="card-text">{text}</p>
      {asked.action === "canary" && (
        <label className="dialog-field">
          <span>Channels, in percent</span>
          <input
            type="number"
            min={1}
            max={99}
            value={percent}
            onChange={(event) => setPercent(event.target.valueAsNumber)}
          />
        </label>
      )}
    </ConfirmDialog>
  );
}
