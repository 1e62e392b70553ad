export { checkBinding } from "../author/check-binding.ts";
export type { BuildRevisionOptions } from "./bundle/build-revision.ts";
export { buildRevision } from "./bundle/build-revision.ts";
export { findFunctionFiles } from "./bundle/function-files.ts";
export type {
  BuildProblem,
  FunctionCode,
  PubNubBinding,
  Revision,
} from "./bundle/revision.ts";
export { FunctionBuildError } from "./bundle/revision.ts";
export { revisionId } from "./bundle/revision-id.ts";
export { createDeployments } from "./deployments/create-deployments.ts";
export type { DeploymentInfo, Deployments, RevisionInfo } from "./deployments/deployments.ts";
export type { DeploymentsOptions } from "./deployments/deployments-options.ts";
export { createFunctionHost } from "./host/create-function-host.ts";
export type { Deployment } from "./host/deployment.ts";
export type {
  Deadlines,
  FinishedRun,
  FunctionHost,
  FunctionHostOptions,
  FunctionStats,
  FunctionStatus,
  HostLimits,
  HostRequest,
  Replayed,
  Trial,
} from "./host/function-host.ts";
export type { FunctionLogData } from "./host/function-log.ts";
export { createFunctionPool } from "./pool/create-function-pool.ts";
export type {
  CreateFunctionPool,
  FunctionPool,
  PoolLimits,
  PoolOptions,
  PoolStats,
} from "./pool/function-pool.ts";
export type { Effect, Effects, LogLine, RunError, RunFailure, RunReport } from "./run.ts";
