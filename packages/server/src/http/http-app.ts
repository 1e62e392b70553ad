import type { Access, BlobStore, Log, Operations, Pipeline, Presence } from "@anywire/core";
import { Hono } from "hono";
import type { Thumbnailer } from "../attachments/thumbnailer.ts";
import type { AttachmentsConfig, HttpConfig, LimitsConfig } from "../config/config.ts";
import type { Logger } from "../logging.ts";
import type { Metrics } from "../metrics/metrics.ts";
import type { ApiRoute } from "./api-operation.ts";
import { createAttachmentRoutes } from "./attachment-routes.ts";
import type { TokenChecker } from "./bearer-token.ts";
import { type DevTokenIssuer, serveDevTokens } from "./dev-token-route.ts";
import { serveDocs } from "./docs/docs-routes.ts";
import { createEntriesRoute } from "./entries-route.ts";
import { createErrorHandler } from "./error-responses.ts";
import { createHealthRoute, createReadyRoute, type ReadyReport } from "./health-routes.ts";
import type { BodyLimits } from "./json-body.ts";
import { createJwksRoute } from "./jwks-route.ts";
import { createMessagesRoute } from "./messages-route.ts";
import { createMetricsRoute } from "./metrics-route.ts";
import { createModelRoutes } from "./model-routes.ts";
import { createPresenceRoute } from "./presence-route.ts";
import { createRequestEnvelope } from "./request-envelope.ts";
import { serveStaticFiles } from "./static-files.ts";
import { createUnmatchedHandler } from "./unmatched.ts";
import { createUploadRoute } from "./upload-route.ts";

/** What the HTTP edge needs. */
export interface HttpAppOptions {
  /** As outsiders may read it. */
  readonly log: Pick<Log, "read" | "epoch">;
  readonly presence: Presence;
  readonly blobs: BlobStore;
  readonly thumbnailer: Pick<Thumbnailer, "look">;
  readonly pipeline: Pipeline;
  readonly access: Access;
  readonly operations: Operations;
  readonly verifier: TokenChecker;
  /** The public keys, as a JSON Web Key Set. */
  readonly jwks: () => object;
  readonly metrics: Metrics;
  /** How each thing that the server leans on is doing. */
  readonly isReady: () => Promise<ReadyReport>;
  readonly http: Pick<HttpConfig, "corsOrigins" | "maxBodyBytes" | "trustProxy">;
  readonly limits: Pick<LimitsConfig, "maxDepth">;
  readonly attachments: AttachmentsConfig;
  /** The server's version. */
  readonly version: string;
  /** Directory of the built console. */
  readonly publicDirectory: string;
  readonly logger: Pick<Logger, "debug" | "error">;
  /** Given, anyone on this machine gets a token for any account: only for `anywire dev`. */
  readonly devTokens?: DevTokenIssuer;
}

/**
 * The HTTP edge: the API, its documentation, the console's files. Until the first request, more routes may
 * be added to what it returns; they get the same error answers and headers.
 */
export function createHttpApp(options: HttpAppOptions): Hono {
  const { http, limits, logger, metrics, devTokens } = options;
  const bodyLimits = { maxBodyBytes: http.maxBodyBytes, maxDepth: limits.maxDepth };
  const app = new Hono();
  app.use(createRequestEnvelope({ ...http, logger, metrics }));
  app.onError(createErrorHandler(logger));
  app.notFound(createUnmatchedHandler(app));
  const routes = apiRoutes(options, bodyLimits);
  for (const { operation, handle } of routes) {
    app.on(operation.method, operation.path.replace(/\{(\w+)\}/g, ":$1"), handle);
  }
  if (devTokens !== undefined) serveDevTokens(app, devTokens, bodyLimits);
  const operations = routes.map(({ operation }) => operation);
  serveDocs(app, operations, options.version);
  serveStaticFiles(app, options.publicDirectory);
  return app;
}

function apiRoutes(options: HttpAppOptions, bodyLimits: BodyLimits): ApiRoute[] {
  return [
    ...createModelRoutes({ ...options, bodyLimits }),
    createMessagesRoute({ ...options, bodyLimits }),
    createEntriesRoute(options),
    createPresenceRoute(options),
    createUploadRoute(options),
    ...createAttachmentRoutes(options),
    createHealthRoute(options.version),
    createReadyRoute(options.isReady),
    createMetricsRoute(options.metrics),
    createJwksRoute(options.jwks),
  ];
}
