import type { DeploymentAnswer, DeploymentDecision, RevisionInfoAnswer } from "@anywire/types";
import { type ReactElement, useState } from "react";
import { formatWhen } from "../conversation/times.ts";
import { Menu, type MenuItem } from "../menu/menu.tsx";
import { type Asked, DecisionDialog } from "./decision-dialog.tsx";
import { shortRevision } from "./describe-function.ts";
import { useOperatorHere } from "./operator-context.ts";
import { usePolled } from "./use-polled.ts";
import "./dead-letters.css";
import "./deployment-view.css";

const POLL_MS = 3000;

/** The revisions that were put up, and which of them runs, for whom. */
export function DeploymentView({
  deployment,
  onChange,
}: {
  readonly deployment: DeploymentAnswer;
  readonly onChange: () => Promise<void>;
}): ReactElement {
  const { api } = useOperatorHere();
  const { value: revisions, failure } = usePolled(api.revisions, POLL_MS);
  const [asked, setAsked] = useState<Asked>();
  const decide = async (decision: DeploymentDecision): Promise<void> => {
    await api.decide(decision);
    await onChange();
  };
  const { active, canary, shadow } = deployment;
  return (
    <section className="revisions" aria-label="Revisions">
      <div className="revisions-buttons">
        <p className="letters-outcome">Newest first</p>
        {canary !== null && (
          <button
            type="button"
            className="button"
            onClick={() => setAsked({ action: "end-canary" })}
          >
            End canary
          </button>
        )}
        {shadow !== null && (
          <button
            type="button"
            className="button"
            onClick={() => setAsked({ action: "end-shadow" })}
          >
            End shadow
          </button>
        )}
        <button
          type="button"
          className="button"
          disabled={active === null}
          onClick={() => setAsked({ action: "rollback" })}
        >
          Roll back
        </button>
      </div>
      {failure !== undefined && <p className="functions-failure">{failure.message}</p>}
      {revisions?.length === 0 && (
        <p className="letters-empty">
          No revision was put up yet. <code>anywire functions deploy</code> makes one of the files
          in <code>functions</code>, and has it run.
        </p>
      )}
      <ol className="revision-list">
        {revisions?.map((revision) => (
          <RevisionRow
            key={revision.id}
            revision={revision}
            deployment={deployment}
            onAsk={setAsked}
          />
        ))}
      </ol>
      {asked !== undefined && (
        <DecisionDialog asked={asked} decide={decide} onClose={() => setAsked(undefined)} />
      )}
    </section>
  );
}

function RevisionRow({
  revision: { id, functions, at, by, note },
  deployment,
  onAsk,
}: {
  readonly revision: RevisionInfoAnswer;
  readonly deployment: DeploymentAnswer;
  readonly onAsk: (asked: Asked) => void;
}): ReactElement {
  const isActive = id === deployment.active;
  const items: readonly MenuItem[] = isActive
    ? []
    : (["activate", "canary", "shadow"] as const).map((action) => ({
        label: LABELS[action],
        onChoose: () => onAsk({ action, revision: id }),
      }));
  return (
    <li className="revision">
      <div className="revision-what">
        <p className="revision-note">
          {note === "" ? <code title={id}>{shortRevision(id)}</code> : note}
          <RevisionMark id={id} deployment={deployment} />
        </p>
        <p className="revision-about">
          {note !== "" && (
            <>
              <code title={id}>{shortRevision(id)}</code> ·{" "}
            </>
          )}
          {by}, {formatWhen(at, Date.now())} · {functions.join(", ") || "no functions"}
        </p>
      </div>
      {items.length > 0 && <Menu label={`Options of ${shortRevision(id)}`} items={items} />}
    </li>
  );
}

const LABELS = {
  activate: "Activate",
  canary: "Try on part of the channels",
  shadow: "Run beside, in the shadow",
} as const;

function RevisionMark({
  id,
  deployment: { active, canary, shadow },
}: {
  readonly id: string;
  readonly deployment: DeploymentAnswer;
}): ReactElement | null {
  if (id === active)
    return (
      <span className="revision-mark" data-mark="active">
        Active
      </span>
    );
  if (id === canary?.revision) {
    return <span className="revision-mark">Canary {canary.percent}%</span>;
  }
  if (id === shadow) return <span className="revision-mark">Shadow</span>;
  return null;
}
