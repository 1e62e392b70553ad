import {
  AnywireError,
  type DeadLettersPage,
  type DeploymentAnswer,
  type DeploymentDecision,
  ERRORS,
  type ErrorCode,
  type FunctionRun,
  type FunctionStatusAnswer,
  type FunctionsAnswer,
  type ReplayAnswer,
  type RevisionInfoAnswer,
  type RevisionsAnswer,
  type RunFunctionRequest,
} from "@anywire/types";

/** What is asked and decided about functions. Every rejection is an `AnywireError`: the server's, or `unavailable`. */
export interface OperatorApi {
  functions(): Promise<readonly FunctionStatusAnswer[]>;
  run(name: string, request: RunFunctionRequest): Promise<FunctionRun>;
  /** The oldest ones. */
  deadLetters(name: string): Promise<DeadLettersPage>;
  /** One of them, or all. */
  replay(name: string, offset?: number): Promise<ReplayAnswer>;
  disable(name: string): Promise<DeploymentAnswer>;
  /** @param fromNow whether it passes over what came meanwhile */
  enable(name: string, fromNow: boolean): Promise<DeploymentAnswer>;
  deployment(): Promise<DeploymentAnswer>;
  /** Newest first. */
  revisions(): Promise<readonly RevisionInfoAnswer[]>;
  decide(decision: DeploymentDecision): Promise<DeploymentAnswer>;
}

/** How to reach the server, and as whom. */
export interface OperatorApiOptions {
  /** Where the server is; its path is kept as a prefix. */
  readonly url: string;
  /** A token of platform `anywire`; asked for again when the server refuses the last one. */
  readonly getToken: () => Promise<string>;
  /** Default `fetch`. */
  readonly fetch?: typeof fetch;
}

/** Functions of a server, over HTTP. Nothing is asked yet. */
export function createOperatorApi(options: OperatorApiOptions): OperatorApi {
  const call = createCall(options);
  const of = (name: string, action: string): string => `v1/functions/${name}/${action}`;
  return {
    functions: async () => (await call<FunctionsAnswer>("GET", "v1/functions")).functions,
    run: (name, request) => call("POST", of(name, "run"), request),
    deadLetters: (name) => call("GET", of(name, "dead-letters")),
    replay: (name, offset) => call("POST", of(name, "replay"), { offset }),
    disable: (name) => call("POST", of(name, "disable")),
    enable: (name, fromNow) => call("POST", of(name, "enable"), { fromNow }),
    deployment: () => call("GET", "v1/deployment"),
    revisions: async () => (await call<RevisionsAnswer>("GET", "v1/revisions")).revisions,
    decide: (decision) => call("POST", "v1/deployment", decision),
  };
}

type Call = <T>(method: "GET" | "POST", path: string, body?: object) => Promise<T>;

function createCall({ url, getToken, fetch: send = fetch }: OperatorApiOptions): Call {
  let token: Promise<string> | undefined;
  const ask = async (method: string, path: string, body?: object): Promise<Response> => {
    token ??= getToken();
    const headers = {
      authorization: `Bearer ${await token}`,
      ...(body !== undefined && { "content-type": "application/json" }),
    };
    const init = { method, headers, ...(body !== undefined && { body: JSON.stringify(body) }) };
    try {
      return await send(new URL(path, url), init);
    } catch (thrown) {
      throw new AnywireError("unavailable", "the server does not answer", { cause: thrown });
    }
  };
  return async (method, path, body) => {
    let response = await orForget(ask(method, path, body));
    if (response.status === 401) {
      token = undefined;
      response = await orForget(ask(method, path, body));
    }
    if (!response.ok) throw await toError(response);
    return await response.json();
  };

  /** A token that could not be had is asked for anew next time. */
  async function orForget(asked: Promise<Response>): Promise<Response> {
    try {
      return await asked;
    } catch (thrown) {
      token = undefined;
      throw thrown;
    }
  }
}

/** What an error's body may hold. */
interface Problem {
  readonly code?: string;
  readonly detail?: string;
}

async function toError(response: Response): Promise<AnywireError> {
  const { code, detail }: Problem = await response.json().catch(() => ({}));
  const known =
    code !== undefined && Object.hasOwn(ERRORS, code) ? (code as ErrorCode) : "internal";
  return new AnywireError(known, detail ?? `the server answered with status ${response.status}`);
}
