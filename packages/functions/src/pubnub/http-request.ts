import type { RequestEvent } from "../author/function-events.ts";
import { badResult } from "../author/function-fault.ts";
import { respond } from "../author/respond.ts";
import type { ResponseResult } from "../author/results.ts";

/** What PubNub's On Request handlers get first. */
export interface PubNubHttpRequest {
  readonly method: string;
  /** The same as `method`. */
  readonly verb: string;
  /** As the function is bound to it, such as `/tickets/7`. */
  readonly path: string;
  /** The whole address. */
  readonly uri: string;
  readonly query: Readonly<Record<string, string>>;
  /** The query, and what stands in the path where the function's own has `:name`. */
  readonly params: Readonly<Record<string, string>>;
  /** By lower-case name. */
  readonly headers: Readonly<Record<string, string>>;
  /** As text, UTF-8. */
  readonly body: string;
  /** The platform. */
  readonly subkey: string;
  readonly meta: { readonly clientip: string; readonly useragent: string };
  /** The body as JSON. One that is none is answered with 400, unless the handler catches what this throws. */
  json<V = unknown>(): Promise<V>;
}

/** What PubNub's On Request handlers get second. */
export interface PubNubHttpResponse {
  /** Names and values; more can be added. */
  headers: Record<string, unknown>;
  /** Default 200. */
  status: number;
  body: unknown;
  /** Answers: with a text, bytes, or anything else as JSON. What is called last counts. */
  send(body?: unknown, status?: number): Promise<PubNubHttpResponse>;
}

/** Statuses whose answer has no body, whatever a handler sends. */
const WITHOUT_BODY: ReadonlySet<number> = new Set([204, 205, 304]);

/** PubNub's request of an HTTP request. */
export function httpRequest(event: RequestEvent, platform: string): PubNubHttpRequest {
  const query = Object.fromEntries(event.query);
  return {
    method: event.method,
    verb: event.method,
    path: event.path,
    uri: event.url,
    query,
    params: { ...query, ...event.params },
    headers: event.headers,
    body: new TextDecoder().decode(event.body),
    subkey: platform,
    meta: { clientip: event.clientAddress, useragent: event.headers["user-agent"] ?? "" },
    json: <V>() => event.json<V>(),
  };
}

/** PubNub's response, and what it was told to send. */
export function httpResponse(): {
  readonly response: PubNubHttpResponse;
  /** @throws {FunctionFault} `bad_result` when nothing was sent, or what cannot be. */
  result(): ResponseResult;
} {
  let isSent = false;
  const response: PubNubHttpResponse = {
    headers: {},
    status: 200,
    body: undefined,
    async send(body, status) {
      isSent = true;
      response.body = body;
      if (status !== undefined) response.status = status;
      return response;
    },
  };
  return {
    response,
    result() {
      if (isSent) return toResult(response);
      throw badResult("the handler sent no answer; return response.send(body, status)");
    },
  };
}

function toResult({ body, status, headers }: PubNubHttpResponse): ResponseResult {
  const code = Number(status);
  const given = Object.entries(headers).filter(
    ([, value]) => value !== undefined && value !== null,
  );
  return respond(WITHOUT_BODY.has(code) ? undefined : body, {
    status: code,
    headers: Object.fromEntries(given.map(([name, value]) => [name, String(value)])),
  });
}
