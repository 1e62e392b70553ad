import type {
  DeploymentInfo,
  Deployments,
  FunctionHost,
  HostRequest,
  RevisionInfo,
} from "@anywire/functions/runtime";
import { AnywireError } from "@anywire/types";
import { FUNCTION_EXAMPLES } from "./function-examples.ts";
import type { ServedFunctions } from "./served-functions.ts";

/** Functions that remember what they were asked for. */
export interface RecordedFunctions extends ServedFunctions {
  /** `[method, ...arguments]` of each call that decides or changes something. */
  readonly calls: readonly (readonly unknown[])[];
  /** HTTP requests that came to them. */
  readonly requests: readonly HostRequest[];
}

/** What differs from the functions that are there otherwise. */
export interface RecordedChanges {
  readonly host?: Partial<FunctionHost>;
  readonly deployments?: Partial<Deployments>;
  readonly runsAfter?: boolean;
}

/** One function, `sms-length`, and one HTTP function, which gives back what it got; `changes` replaces methods of either side. */
export function createRecordedFunctions(changes: RecordedChanges = {}): RecordedFunctions {
  const { status } = FUNCTION_EXAMPLES;
  const calls: (readonly unknown[])[] = [];
  const requests: HostRequest[] = [];
  const record =
    (method: string) =>
    async (...given: readonly unknown[]): Promise<void> => {
      calls.push([method, ...given]);
    };
  const known = (name: string): void => {
    if (name === status.name) return;
    throw new AnywireError("not_found", `there is no function ${name}; list those that there are`);
  };
  const host: ServedFunctions["host"] = {
    list: async () => [{ ...status, stats: { ...status.stats, lastError: null } }],
    async trial(name, trial) {
      known(name);
      calls.push(["trial", name, trial]);
      return { result: { type: "ok" }, durationMs: 1, queuedMs: 0, lines: [], effects: [] };
    },
    async deadLetters(name) {
      known(name);
      return [];
    },
    async replay(name, offset) {
      known(name);
      calls.push(["replay", name, offset]);
      return { replayed: 1, failed: 0, isElsewhere: false };
    },
    async request(request) {
      requests.push(request);
      if (request.path !== "/echo") return undefined;
      const headers = [["content-type", "text/plain"] as const];
      return { type: "response", status: 200, headers, body: await request.body() };
    },
    ...changes.host,
  };
  const deployments = recordedDeployments(record, changes.deployments);
  return { host, deployments, runsAfter: changes.runsAfter ?? true, calls, requests };
}

function recordedDeployments(
  record: (method: string) => (...given: readonly unknown[]) => Promise<void>,
  changes: Partial<Deployments> = {},
): Deployments {
  const { revision, deployment } = FUNCTION_EXAMPLES;
  return {
    start: async () => {},
    put: async ({ id, functions }, by, note = ""): Promise<RevisionInfo> => {
      await record("put")(id, by, note);
      return { ...revision, id, functions: functions.map(({ name }) => name), by, note };
    },
    revisions: (): readonly RevisionInfo[] => [revision],
    current: (): DeploymentInfo => deployment,
    activate: record("activate"),
    rollBack: record("rollBack"),
    canary: record("canary"),
    shadow: record("shadow"),
    disable: record("disable"),
    enable: record("enable"),
    askReplay: record("askReplay"),
    close: async () => {},
    ...changes,
  };
}
