import type { DeploymentAnswer } from "@anywire/types";
import { type ReactElement, useMemo, useState } from "react";
import { Icon } from "../app/icon.tsx";
import { createDevOperatorApi } from "./operator.ts";
import { usePolled } from "./use-polled.ts";
import "../menu/menu.css";
import "./notice.css";

/** So soon one knows that what was saved is broken, or mended. */
const POLL_MS = 1500;
/** More are told on the page of functions. */
const MAX_SHOWN = 3;

/** Tells whoever develops functions, on any page, that the newest ones do not run. Only where the server hands out tokens. */
export function FunctionsNotice(): ReactElement | null {
  const { deployment } = useMemo(createDevOperatorApi, []);
  const { value } = usePolled(deployment, POLL_MS);
  if (value === undefined) return null;
  return <ProblemsNotice deployment={value} hasLink />;
}

/** What keeps the newest functions from running; nothing when they run. Closed, it stays away until something else is wrong. */
export function ProblemsNotice({
  deployment: { problems, active },
  hasLink = false,
}: {
  readonly deployment: Pick<DeploymentAnswer, "problems" | "active">;
  /** Whether it leads to the page of functions. */
  readonly hasLink?: boolean;
}): ReactElement | null {
  const text = problems.join("\n");
  const [closed, setClosed] = useState("");
  // The same mistake once more is news.
  if (text === "" && closed !== "") setClosed("");
  if (text === "" || text === closed) return null;
  const more = problems.length - MAX_SHOWN;
  return (
    <div className="notice" role="alert">
      <Icon name="warning" size={18} />
      <div className="notice-what">
        <p className="notice-title">
          Functions are broken: {active === null ? "none runs" : "the earlier version goes on"}
        </p>
        {problems.slice(0, MAX_SHOWN).map((problem) => (
          <p key={problem} className="notice-problem">
            {problem}
          </p>
        ))}
        {more > 0 && <p className="notice-more">and {more} more</p>}
      </div>
      {hasLink && (
        <a className="button" href="?page=functions">
          See functions
        </a>
      )}
      <button
        type="button"
        className="icon-button"
        aria-label="Dismiss"
        onClick={() => setClosed(text)}
      >
        <Icon name="close" />
      </button>
    </div>
  );
}
