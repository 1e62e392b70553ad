import type { LogEntry } from "@anywire/core";
import { AnywireError, accountIdOf } from "@anywire/types";
import { type DeploymentData, deploymentDataSchema } from "./deployment-data.ts";
import type { RevisionInfo } from "./deployments.ts";

/** What follows from the decisions so far. */
export interface DeploymentState {
  /** By id, in the order in which they were put up. */
  readonly revisions: ReadonlyMap<string, RevisionInfo>;
  readonly active: string | null;
  /** What was active before and could be loaded, the last one last. */
  readonly previous: readonly string[];
  /** Whether the active one could not be loaded where it was activated. */
  readonly hasFailed: boolean;
  readonly canary: { readonly revision: string; readonly percent: number } | null;
  readonly shadow: string | null;
  /** Sorted. */
  readonly disabled: readonly string[];
  /** By the name of a function: it does not run for what was stored up to this offset. */
  readonly since: ReadonlyMap<string, number>;
}

/** What there is before the first decision. */
export const NOTHING_DEPLOYED: DeploymentState = {
  revisions: new Map(),
  active: null,
  previous: [],
  hasFailed: false,
  canary: null,
  shadow: null,
  disabled: [],
  since: new Map(),
};

/** How many steps one can go back. */
const MAX_PREVIOUS = 50;

/** What an entry says was decided; undefined when it is no such entry, or one of a newer version. */
export function deploymentDataOf(entry: LogEntry): DeploymentData | undefined {
  if (entry.kind !== "deployment") return undefined;
  try {
    return deploymentDataSchema.safeParse(JSON.parse(entry.dataJson)).data;
  } catch {
    return undefined;
  }
}

/**
 * The state after one more entry: the same state when the entry is none, or when {@link refusalOf} refuses what it says. Pure, so that
 * every node comes to the same.
 */
export function foldDeployment(state: DeploymentState, entry: LogEntry): DeploymentState {
  const data = deploymentDataOf(entry);
  if (data === undefined || refusalOf(state, data) !== undefined) return state;
  switch (data.action) {
    case "put":
      return withRevision(state, data, entry);
    case "activate":
      return activated(state, data.revision, entry.offset);
    case "fail":
      return data.revision === state.active ? { ...state, hasFailed: true } : state;
    case "rollback": {
      const next = withActive(state, data.to, entry.offset);
      return { ...next, previous: state.previous.slice(0, -1) };
    }
    case "canary": {
      const since = bring(state, data.choice?.revision ?? null, entry.offset);
      return { ...state, canary: data.choice, since };
    }
    case "shadow":
      return { ...state, shadow: data.revision };
    case "disable":
      if (state.disabled.includes(data.name)) return state;
      return { ...state, disabled: [...state.disabled, data.name].sort() };
    case "enable":
      return enabled(state, data.name, data.fromNow ? entry.offset : null);
    case "replay":
      return state;
  }
}

/** Why a decision cannot be made in this state, in words for whoever makes it. */
export function refusalOf(state: DeploymentState, data: DeploymentData): AnywireError | undefined {
  switch (data.action) {
    case "activate":
      return unknownRevision(state, data.revision);
    case "rollback":
      if (data.from === state.active && data.to === state.previous.at(-1)) return undefined;
      return new AnywireError(
        "conflict",
        "another revision was activated meanwhile: look at what runs now, and decide again",
      );
    case "canary":
      return data.choice === null ? undefined : noExtra(state, data.choice.revision, "canary");
    case "shadow":
      return data.revision === null ? undefined : noExtra(state, data.revision, "shadow");
    case "put":
    case "fail":
    case "disable":
    case "enable":
    case "replay":
      return undefined;
  }
}

function unknownRevision(state: DeploymentState, revision: string): AnywireError | undefined {
  if (state.revisions.has(revision)) return undefined;
  return new AnywireError(
    "not_found",
    `there is no revision ${revision}: \`anywire functions revisions\` lists those that were put up`,
  );
}

function noExtra(
  state: DeploymentState,
  revision: string,
  part: "canary" | "shadow",
): AnywireError | undefined {
  if (revision !== state.active) return unknownRevision(state, revision);
  const message = `revision ${revision} is the active one: choose another one as ${part}`;
  return new AnywireError("conflict", message);
}

function withRevision(
  state: DeploymentState,
  data: DeploymentData & { action: "put" },
  { at, sender }: LogEntry,
): DeploymentState {
  const { revision: id, functions, note } = data;
  if (state.revisions.has(id)) return state;
  const info: RevisionInfo = { id, functions, at, by: accountIdOf(sender) ?? sender, note };
  return { ...state, revisions: new Map(state.revisions).set(id, info) };
}

function activated(state: DeploymentState, revision: string, offset: number): DeploymentState {
  const { active, previous, hasFailed } = state;
  const next = withActive(state, revision, offset);
  if (active === null || active === revision || hasFailed) return next;
  return { ...next, previous: [...previous, active].slice(-MAX_PREVIOUS) };
}

function withActive(state: DeploymentState, active: string, offset: number): DeploymentState {
  const since = bring(state, active, offset);
  return { ...state, active, hasFailed: false, canary: null, shadow: null, since };
}

/** Functions that did not run before begin behind the entry that brings them. A shadow does not count as running. */
function bring(
  state: DeploymentState,
  revision: string | null,
  offset: number,
): ReadonlyMap<string, number> {
  const { active, previous, hasFailed, canary } = state;
  // Where the active one could not be loaded, what was there before it ran on.
  const running = hasFailed ? (previous.at(-1) ?? null) : active;
  const ran = new Set([running, canary?.revision ?? null].flatMap((id) => functionsOf(state, id)));
  const brought = functionsOf(state, revision).filter((name) => !ran.has(name));
  if (brought.length === 0) return state.since;
  const since = new Map(state.since);
  for (const name of brought) since.set(name, offset);
  return since;
}

/** Names of the functions of a revision. */
export function functionsOf(state: DeploymentState, revision: string | null): readonly string[] {
  return (revision === null ? undefined : state.revisions.get(revision)?.functions) ?? [];
}

function enabled(state: DeploymentState, name: string, offset: number | null): DeploymentState {
  const isDisabled = state.disabled.includes(name);
  if (!isDisabled && offset === null) return state;
  const disabled = state.disabled.filter((other) => other !== name);
  const since = offset === null ? state.since : new Map(state.since).set(name, offset);
  return { ...state, disabled, since };
}
