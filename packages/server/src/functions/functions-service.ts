import { resolve } from "node:path";
import {
  createDeployments,
  createFunctionHost,
  createFunctionPool,
  type Deployments,
  type DeploymentsOptions,
  type FinishedRun,
  type FunctionHost,
  type HostLimits,
} from "@anywire/functions/runtime";
import type { AnywireError, ChannelTypeRegistry } from "@anywire/types";
import type { Config } from "../config/config.ts";
import type { FunctionsConfig } from "../config/functions-section.ts";
import type { Engine } from "../engine.ts";
import type { Logger } from "../logging.ts";
import type { Metrics } from "../metrics/metrics.ts";
import { createRunMeter, observeFunctions } from "../metrics/observe-functions.ts";
import type { Model } from "../model.ts";
import { createFailureLog } from "./failure-log.ts";

/** Told of what becomes of watched files. */
export type FunctionFilesListener = Pick<DeploymentsOptions, "onProblems" | "onFixed">;

/** What runs the functions of a server, and what decides which. */
export interface FunctionsService {
  readonly host: FunctionHost;
  readonly deployments: Deployments;
  /** Whether this process runs those that run after something. */
  readonly runsAfter: boolean;
  /** Names of the functions that run here. */
  names(): Promise<readonly string[]>;
  /** Resolves when what was decided so far runs here. Called once. */
  start(model: Pick<Model, "pipeline" | "operations">): Promise<void>;
  /** Hands consumers back, lets runs come to their end within that time, ms, ends the workers. */
  close(withinMs: number): Promise<void>;
}

/** What functions need of their server. */
export interface FunctionsServiceOptions {
  readonly config: Config;
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly channelTypes: ChannelTypeRegistry;
  /** By default what is wrong with watched files is logged. */
  readonly files?: FunctionFilesListener;
  /** Told of each run, beside metrics and the log. */
  readonly onRun?: (run: FinishedRun) => void;
}

/** Puts together what functions need. Nothing runs yet. */
export function createFunctionsService(
  options: FunctionsServiceOptions,
  { log, kv, presence, blobs }: Engine,
): FunctionsService {
  const { config, logger, metrics, files = fileLog(logger) } = options;
  const { functions, roles } = config;
  const runsAfter = roles.includes("functions");
  const onError = (err: AnywireError): void => logger.warn({ err }, "functions have a problem");
  const host = createFunctionHost({
    log,
    kv,
    presence,
    limits: hostLimits(functions),
    secrets: revealed(functions.secrets),
    defaultPlatform: functions.platform,
    createPool: createFunctionPool,
    channelTypes: options.channelTypes,
    runsAfter,
    onError,
    onRun: forEachRun([createRunMeter(metrics), createFailureLog(logger), options.onRun]),
  });
  observeFunctions(metrics, host);
  const deployments = createDeployments({
    log,
    blobs,
    onDeployment: (deployment) => host.deploy(deployment),
    ...(runsAfter && { onReplay: (name: string, offset?: number) => host.replay(name, offset) }),
    onError,
    ...(functions.source === "directory" && { directory: resolve(functions.directory) }),
    ...files,
  });
  return {
    host,
    deployments,
    runsAfter,
    names: async () => (await host.list()).map(({ name }) => name),
    async start({ pipeline, operations }) {
      host.bind({ pipeline, operations });
      await host.start();
      await deployments.start();
    },
    async close(withinMs) {
      await deployments.close();
      await host.close(withinMs);
    },
  };
}

function hostLimits(functions: FunctionsConfig): HostLimits {
  const { maxHops, maxKeys, maxLogLinesPerMinute, maxResponseBytes } = functions;
  const { minWorkers, maxWorkers, memoryMb, maxQueue, maxConcurrentRuns } = functions;
  const { maxCalls, maxLogLines, allowedAddresses } = functions;
  return {
    pool: {
      ...{ minWorkers, maxWorkers, memoryMb, maxQueue, maxConcurrentRuns },
      ...{ maxCalls, maxLogLines, allowedAddresses },
    },
    deadlines: {
      beforeMs: functions.beforeDeadlineMs,
      afterMs: functions.afterDeadlineMs,
      requestMs: functions.requestDeadlineMs,
      scheduleMs: functions.scheduleDeadlineMs,
    },
    ...{ maxHops, maxKeys, maxLogLinesPerMinute, maxResponseBytes },
  };
}

function revealed(secrets: FunctionsConfig["secrets"]): Record<string, string> {
  return Object.fromEntries(Object.entries(secrets).map(([name, one]) => [name, one.reveal()]));
}

/** Where nobody watches a terminal, the log is where one looks. */
function fileLog(logger: Logger): FunctionFilesListener {
  return {
    onProblems: (problems) => logger.warn({ problems }, "the functions' files can't be loaded"),
    onFixed: () => logger.info("the functions' files are good again"),
  };
}

function forEachRun(
  listeners: readonly (((run: FinishedRun) => void) | undefined)[],
): (run: FinishedRun) => void {
  const present = listeners.filter((listener) => listener !== undefined);
  return (run) => {
    for (const listener of present) listener(run);
  };
}
