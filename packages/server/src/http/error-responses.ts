import { AnywireError, ERRORS, type ErrorCode, type Problem } from "@anywire/types";
import type { Context } from "hono";
import type { Logger } from "../logging.ts";
import { requestIdOf } from "./request-envelope.ts";

/** Media type of every error. */
export const PROBLEM_TYPE = "application/problem+json";

/** A short name of a kind of error for people: `too_large` is `Too large`. */
export function errorTitle(code: ErrorCode): string {
  const words = code.replaceAll("_", " ");
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/** Where the reference describes a kind of error, a path on this server. */
export function errorPage(code: ErrorCode): string {
  return `/docs/errors#${code}`;
}

/** The body of the answer that an error becomes. */
export function toProblem({ code, message, details }: AnywireError): Problem {
  const { retryAfterMs, errors } = details;
  return {
    type: errorPage(code),
    title: errorTitle(code),
    status: ERRORS[code].http,
    code,
    detail: message,
    ...(typeof retryAfterMs === "number" ? { retryAfterMs: Math.ceil(retryAfterMs) } : {}),
    ...(isFieldErrors(errors) ? { errors } : {}),
  };
}

/** The answer that an error becomes; `extra` members stand beside the usual ones. */
export function problemResponse(
  context: Context,
  error: AnywireError,
  extra: Readonly<Record<string, unknown>> = {},
): Response {
  const problem = toProblem(error);
  const { status, retryAfterMs } = problem;
  const { allow, contentRange } = error.details;
  const headers = new Headers({ "content-type": PROBLEM_TYPE });
  if (status === 401) headers.set("www-authenticate", challenge(context));
  if (retryAfterMs !== undefined) headers.set("retry-after", `${Math.ceil(retryAfterMs / 1000)}`);
  if (typeof allow === "string") headers.set("allow", allow);
  if (typeof contentRange === "string") headers.set("content-range", contentRange);
  return new Response(JSON.stringify({ ...problem, ...extra }), { status, headers });
}

/** What a function failed of is its author's, and is told with the run; what there is not was never promised. */
const BLAMELESS: ReadonlySet<ErrorCode> = new Set(["function_failed", "unsupported"]);

/** Answers whatever a handler threw, and logs what the server is to blame for: here, and only here. */
export function createErrorHandler(
  logger: Pick<Logger, "error">,
): (thrown: unknown, context: Context) => Response {
  return (thrown, context) => {
    const requestId = requestIdOf(context);
    const error = safeError(thrown, requestId);
    if (ERRORS[error.code].http >= 500 && !BLAMELESS.has(error.code)) {
      const { method, path } = context.req;
      logger.error({ err: error, code: error.code, requestId, method, path }, "a request failed");
    }
    return problemResponse(context, error);
  };
}

function safeError(thrown: unknown, requestId: string): AnywireError {
  if (thrown instanceof AnywireError) return thrown;
  const message = `the server failed; its log has the cause, under request ${requestId}`;
  return new AnywireError("internal", message, { cause: thrown });
}

/** @see https://www.rfc-editor.org/rfc/rfc6750#section-3 no error is named when no token was tried */
function challenge(context: Context): string {
  const wasTried = context.req.header("authorization") !== undefined;
  return wasTried ? 'Bearer realm="anywire", error="invalid_token"' : 'Bearer realm="anywire"';
}

function isFieldErrors(errors: unknown): errors is NonNullable<Problem["errors"]> {
  return Array.isArray(errors);
}
