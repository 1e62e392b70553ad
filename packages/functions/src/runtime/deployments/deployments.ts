import type { Revision } from "../bundle/revision.ts";

/** What is known of a revision that was put up. */
export interface RevisionInfo {
  readonly id: string;
  /** Names of its functions. */
  readonly functions: readonly string[];
  /** When it was put up, milliseconds since the Unix epoch. */
  readonly at: number;
  /** Who did. */
  readonly by: string;
  /** What for, in words; may be empty. */
  readonly note: string;
}

/** What runs, by name. */
export interface DeploymentInfo {
  /** Where the active revision comes from: files that are watched, or what was put up. */
  readonly source: "directory" | "deployments";
  readonly active: string | null;
  readonly canary: { readonly revision: string; readonly percent: number } | null;
  readonly shadow: string | null;
  readonly disabled: readonly string[];
  /** What keeps the newest files, or what was decided last, from running here, while an earlier state does. Lines of text. */
  readonly problems: readonly string[];
}

/**
 * Which functions run, the same on every node: revisions are in the blob store, and each decision about them is an entry on
 * `anywire.system.deployments`, which every node follows. Decisions resolve when this node runs what was decided, and reject with
 * `FunctionBuildError` when it cannot be loaded: what ran before goes on then, on every node, also one that starts anew.
 * Those about revisions reject with `unsupported` where the active revision comes from files, and with `not_found` for one that is not there.
 */
export interface Deployments {
  /** Resolves when what was decided so far runs here. */
  start(): Promise<void>;
  /** Puts up a revision; the same code again is the same revision. It does not run yet. */
  put(revision: Revision, by: string, note?: string): Promise<RevisionInfo>;
  /** Newest first. */
  revisions(): readonly RevisionInfo[];
  current(): DeploymentInfo;
  /** Ends canary and shadow, too. */
  activate(revision: string, by: string): Promise<void>;
  /** Back to the one that was active before. */
  rollBack(by: string): Promise<void>;
  /** 1 to 99 of 100 channels; null ends it. */
  canary(
    choice: { readonly revision: string; readonly percent: number } | null,
    by: string,
  ): Promise<void>;
  shadow(revision: string | null, by: string): Promise<void>;
  disable(name: string, by: string): Promise<void>;
  /** An after function goes on where it stopped, or `fromNow`. */
  enable(name: string, by: string, options?: { readonly fromNow?: boolean }): Promise<void>;
  /** Has whatever node works the function's consumer handle its dead letters once more. */
  askReplay(name: string, by: string, offset?: number): Promise<void>;
  close(): Promise<void>;
}
