import { AnywireError, createEntryId } from "@anywire/types";
import type { RequestEventInput } from "../../author/events.ts";
import { badResult } from "../../author/function-fault.ts";
import { checkResponse } from "../../author/respond.ts";
import type { FunctionResult, ResponseResult } from "../../author/results.ts";
import { functionFailed } from "./before-functions.ts";
import type { Deployed } from "./deployed.ts";
import type { HostRequest } from "./function-host.ts";
import type { FunctionRuns } from "./function-runs.ts";
import type { BoundFunction, FunctionTable } from "./function-table.ts";
import { RequestRoutes } from "./request-routes.ts";

/** What HTTP functions need. */
export interface RequestFunctionsOptions {
  readonly deployed: Deployed;
  readonly runs: FunctionRuns;
  /** The platform of those that name none and ask for no token. */
  readonly defaultPlatform: string;
  readonly maxResponseBytes: number;
}

/** Who asks, and where. */
interface Asker {
  readonly platform: string;
  readonly accountId: string | null;
}

/** Answers HTTP requests by functions. */
export class RequestFunctions {
  readonly #options: RequestFunctionsOptions;
  #routes: { readonly table: FunctionTable; readonly routes: RequestRoutes } | null = null;

  constructor(options: RequestFunctionsOptions) {
    this.#options = options;
  }

  /**
   * The answer to a request; undefined when nothing is bound to its path.
   * @throws {AnywireError} `method_not_found`, `unauthenticated`, `permission_denied`, `function_failed`, and what reading the
   * body throws.
   */
  async answer(request: HostRequest): Promise<ResponseResult | undefined> {
    const held = this.#options.deployed.hold();
    try {
      const { method, path } = request;
      const found = this.#routesOf(held.table).find(method, path);
      if (found === undefined) return undefined;
      if ("methods" in found) throw wrongMethod(request, found.methods);
      return await this.#run(found.bound, found.params, request);
    } finally {
      held.letGo();
    }
  }

  #routesOf(table: FunctionTable): RequestRoutes {
    if (this.#routes?.table !== table) {
      this.#routes = { table, routes: new RequestRoutes(table.active) };
    }
    return this.#routes.routes;
  }

  async #run(
    bound: BoundFunction,
    params: RequestEventInput["params"],
    request: HostRequest,
  ): Promise<ResponseResult> {
    const { method, path, url, headers, clientAddress } = request;
    const { platform, accountId } = await this.#askerOf(bound, request);
    const id = createEntryId();
    const event: RequestEventInput = {
      trace: { id, via: [] },
      attempt: 1,
      method,
      path,
      url,
      params,
      headers,
      body: await request.body(),
      accountId,
      clientAddress,
    };
    const { name } = bound.description;
    const settled = await this.#options.runs.run(
      { bound, event, platform, key: `${name} ${id}` },
      (result) => this.#check(result),
    );
    if ("error" in settled) throw functionFailed(name, settled.error);
    return settled.value;
  }

  async #askerOf({ description }: BoundFunction, request: HostRequest): Promise<Asker> {
    const { auth, platform = this.#options.defaultPlatform } = description.options;
    if (auth === "none") return { platform, accountId: null };
    const asker = await request.authenticate();
    if (description.options.platform === undefined || asker.platform === platform) return asker;
    throw new AnywireError(
      "permission_denied",
      `the function ${description.name} works on ${platform}, and the token is good for ${asker.platform}`,
    );
  }

  #check(result: FunctionResult): ResponseResult {
    const { maxResponseBytes } = this.#options;
    if (result.type !== "response") throw badResult("it gave no response: return event.respond()");
    const response = checkResponse(result);
    if (response.body.byteLength <= maxResponseBytes) return response;
    throw badResult(
      `its answer has ${response.body.byteLength} bytes, more than the ${maxResponseBytes} that functions.maxResponseBytes allows`,
    );
  }
}

function wrongMethod({ method, path }: HostRequest, methods: readonly string[]): AnywireError {
  const allow = methods.join(", ");
  return new AnywireError(
    "method_not_found",
    `${path} is not there for ${method}; it is for ${allow}`,
    { details: { allow } },
  );
}
