import { type ReactElement, useState } from "react";
import { Tabs } from "../app/tabs.tsx";
import { DeploymentView } from "./deployment-view.tsx";
import { formatCount, shortRevision } from "./describe-function.ts";
import { FirstFunction } from "./first-function.tsx";
import { FunctionTable } from "./function-table.tsx";
import { LogView } from "./log-view.tsx";
import type { KnownFunctions } from "./use-functions.ts";

type View = "functions" | "revisions";

const VIEWS = [
  { id: "functions", label: "Functions" },
  { id: "revisions", label: "Revisions" },
] as const;

/** All functions with what they log; where revisions are put up, which of them run. */
export function Overview({
  known,
  missing,
  focused,
  onOpen,
  onChange,
}: {
  readonly known: KnownFunctions;
  /** The name of a function that the address names, and that is not there. */
  readonly missing: string | undefined;
  /** The name of the function that one comes back from. */
  readonly focused: string | undefined;
  readonly onOpen: (name: string) => void;
  readonly onChange: () => Promise<void>;
}): ReactElement {
  const { functions, deployment } = known;
  const [chosen, setChosen] = useState<View>("functions");
  const hasRevisions = deployment.source === "deployments";
  const view = hasRevisions ? chosen : "functions";
  return (
    <>
      <header className="functions-header">
        <div className="functions-what">
          <h1 className="functions-title">Functions</h1>
          <p className="functions-about">{aboutText(known)}</p>
        </div>
        {hasRevisions && (
          <Tabs label="What to see" items={VIEWS} active={view} onSelect={setChosen} />
        )}
      </header>
      {missing !== undefined && (
        <p className="functions-failure" role="status">
          There is no function {missing}.
        </p>
      )}
      <div
        id={`${view}-panel`}
        className="functions-body"
        {...(hasRevisions && { role: "tabpanel", "aria-labelledby": `${view}-tab` })}
      >
        {view === "revisions" && <DeploymentView deployment={deployment} onChange={onChange} />}
        {view === "functions" && functions.length === 0 && (
          <FirstFunction source={deployment.source} />
        )}
        {view === "functions" && functions.length > 0 && (
          <>
            <FunctionTable
              functions={functions}
              deployment={deployment}
              focused={focused}
              onOpen={onOpen}
            />
            <LogView names={functions.map(({ name }) => name)} />
          </>
        )}
      </div>
    </>
  );
}

function aboutText({ functions, deployment: { source, active, canary, shadow } }: KnownFunctions) {
  const isFromFiles = source === "directory";
  if (functions.length === 0) return isFromFiles ? "Live from files" : "Deployed";
  const count =
    functions.length === 1 ? "1 function" : `${formatCount(functions.length)} functions`;
  const parts = [`${count}, ${isFromFiles ? "live from files" : "deployed"}`];
  if (active !== null) parts.push(`revision ${shortRevision(active)}`);
  if (canary !== null) parts.push(`canary on ${canary.percent}%`);
  if (shadow !== null) parts.push("one in the shadow");
  return parts.join(" · ");
}
