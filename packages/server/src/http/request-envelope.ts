import type { Context, MiddlewareHandler } from "hono";
import { routePath } from "hono/route";
import type { Logger } from "../logging.ts";
import type { Metrics } from "../metrics/metrics.ts";
import { clientAddress } from "./client-address.ts";
import { setCorsHeaders } from "./cross-origin.ts";

/** What the envelope of each request needs. */
export interface RequestEnvelopeOptions {
  readonly corsOrigins: readonly string[];
  /** Whether to take over the proxy's X-Request-Id and X-Forwarded-For. */
  readonly trustProxy: boolean;
  readonly metrics: Pick<Metrics, "recordHttpRequest">;
  readonly logger: Pick<Logger, "debug">;
}

const REQUEST_ID = /^[A-Za-z0-9_-]{1,64}$/;
const METHODS = new Set(["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]);

/** Pages set their own; an answer of the API is never a page. */
const CONTENT_SECURITY_POLICY = "default-src 'none'; frame-ancestors 'none'";

/** What is done around each request, whoever answers it: id, security and CORS headers, metric, log line. */
export function createRequestEnvelope(options: RequestEnvelopeOptions): MiddlewareHandler {
  const { corsOrigins, trustProxy, metrics, logger } = options;
  return async (context, next) => {
    const startedAt = performance.now();
    const requestId = newRequestId(trustProxy ? context.req.header("x-request-id") : undefined);
    context.set("requestId", requestId);
    await next();
    const { status, headers } = context.res;
    headers.set("x-request-id", requestId);
    setSecurityHeaders(headers);
    if (!headers.has("cache-control")) headers.set("cache-control", "no-store");
    setCorsHeaders(headers, corsOrigins, context.req.header("origin"));
    const { method, path } = context.req;
    const durationMs = performance.now() - startedAt;
    metrics.recordHttpRequest(
      METHODS.has(method) ? method : "other",
      routeLabel(context),
      status,
      durationMs / 1000,
    );
    const from = clientAddress(context, trustProxy);
    logger.debug({ requestId, from, method, path, status, durationMs }, "request");
  };
}

/** The id a request is found by in the log; its answer carries it as `X-Request-Id`. */
export function requestIdOf(context: Context): string {
  return context.get("requestId");
}

function newRequestId(given: string | undefined): string {
  return given !== undefined && REQUEST_ID.test(given) ? given : crypto.randomUUID();
}

function setSecurityHeaders(headers: Headers): void {
  headers.set("x-content-type-options", "nosniff");
  headers.set("referrer-policy", "no-referrer");
  if (!headers.has("cross-origin-resource-policy")) {
    headers.set("cross-origin-resource-policy", "same-origin");
  }
  if (!headers.has("content-security-policy")) {
    headers.set("content-security-policy", CONTENT_SECURITY_POLICY);
  }
}

/** The template of the route that answered: paths have no bound, templates do. */
function routeLabel(context: Context): string {
  const path = routePath(context, -1);
  if (path === "/*") return "other";
  return path.startsWith("/assets/") ? "/assets/*" : path;
}
