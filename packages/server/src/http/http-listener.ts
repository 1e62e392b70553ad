import type { IncomingMessage, ServerResponse } from "node:http";
import { AnywireError, toAnywireError } from "@anywire/types";
import { getRequestListener, RequestError } from "@hono/node-server";
import type { Hono } from "hono";
import { PROBLEM_TYPE, toProblem } from "./error-responses.ts";

/** Answers requests of a Node HTTP server. */
export type HttpListener = (request: IncomingMessage, response: ServerResponse) => Promise<void>;

/** Lets the app answer a Node HTTP server's requests, those included that it can't be asked. */
export function createHttpListener(app: Hono): HttpListener {
  return getRequestListener(app.fetch, { errorHandler: answerBrokenRequest });
}

/** A request whose path and Host header make no URL never reaches the app. */
function answerBrokenRequest(thrown: unknown): Response {
  const problem = toProblem(
    thrown instanceof RequestError
      ? new AnywireError("bad_request", "the path and the Host header make no valid URL")
      : toAnywireError(thrown),
  );
  const headers = { "content-type": PROBLEM_TYPE };
  return new Response(JSON.stringify(problem), { status: problem.status, headers });
}
