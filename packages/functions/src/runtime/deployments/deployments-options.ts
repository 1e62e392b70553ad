import type { BlobStore, Log } from "@anywire/core";
import type { AnywireError } from "@anywire/types";
import type { BuildProblem } from "../bundle/revision.ts";
import type { Deployment } from "../host/deployment.ts";

/** What deployments need. */
export interface DeploymentsOptions {
  readonly log: Pick<Log, "append" | "head" | "read" | "tail">;
  readonly blobs: BlobStore;
  /** Runs this from now on. When it rejects, what ran goes on: `FunctionBuildError` for what cannot be loaded, anything else is tried again. */
  readonly onDeployment: (deployment: Deployment) => Promise<void>;
  /** Somebody asked for dead letters to be handled once more: one, or all of a function. */
  readonly onReplay?: (name: string, offset?: number) => Promise<unknown>;
  /** Told what nobody else is told, once. */
  readonly onError: (error: AnywireError) => void;
  /** The directory with the files that are the active revision, and are watched. Default: what was put up and activated. */
  readonly directory?: string | undefined;
  /** Files were changed and cannot be built or loaded: what ran goes on. */
  readonly onProblems?: (problems: readonly BuildProblem[]) => void;
  /** They can again, and run. */
  readonly onFixed?: () => void;
}
