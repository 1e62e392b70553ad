import type {
  Access,
  BlobStore,
  Log,
  Operations,
  Pipeline,
  Presence,
  WaitFor,
} from "@anywire/core";
import { Hono } from "hono";
import type { AttachmentIntake } from "../attachments/intake.ts";
import type { HttpConfig, LimitsConfig } from "../config/config.ts";
import type { DevHandset } from "../dev/dev-handset.ts";
import { serveDevHandset } from "../dev/handset-routes.ts";
import type { Logger } from "../logging.ts";
import type { Metrics } from "../metrics/metrics.ts";
import type { ApiRoute } from "./api-operation.ts";
import { createAttachmentRoutes } from "./attachment-routes.ts";
import type { TokenChecker } from "./bearer-token.ts";
import { type DevTokenIssuer, serveDevTokens } from "./dev-token-route.ts";
import { serveDocs } from "./docs/docs-routes.ts";
import { createEntriesRoute } from "./entries-route.ts";
import { createErrorHandler } from "./error-responses.ts";
import { createDeploymentRoutes } from "./functions/deployment-routes.ts";
import { createFunctionRoutes, type FunctionRoutesOptions } from "./functions/function-routes.ts";
import { serveRequestFunctions } from "./functions/request-route.ts";
import type { ServedFunctions } from "./functions/served-functions.ts";
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
import { createWebhookRoutes, type WebhookRoutesOptions } from "./webhook-route.ts";

/** What it takes to say how a process is doing. */
export interface StatusAppOptions {
  readonly metrics: Metrics;
  /** How each thing that the server leans on is doing. */
  readonly isReady: () => Promise<ReadyReport>;
  readonly http: Pick<HttpConfig, "corsOrigins" | "maxBodyBytes" | "trustProxy">;
  /** The server's version. */
  readonly version: string;
  readonly logger: Pick<Logger, "debug" | "error">;
}

/** What the HTTP edge needs. */
export interface HttpAppOptions extends StatusAppOptions {
  /** As outsiders may read it. */
  readonly log: Pick<Log, "read" | "epoch">;
  readonly presence: Presence;
  readonly blobs: BlobStore;
  readonly intake: AttachmentIntake;
  readonly pipeline: Pipeline;
  readonly access: Access;
  readonly operations: Operations;
  readonly functions: ServedFunctions;
  /** What comes in from networks; absent where none can. */
  readonly inbound?: WebhookRoutesOptions["inbound"];
  readonly http: StatusAppOptions["http"] & WebhookRoutesOptions["http"];
  readonly waitFor: WaitFor;
  readonly verifier: TokenChecker;
  /** The public keys, as a JSON Web Key Set. */
  readonly jwks: () => object;
  readonly limits: Pick<LimitsConfig, "maxDepth">;
  /** Directory of the built console. */
  readonly publicDirectory: string;
  /** Given, anyone on this machine gets a token for any account: only for `anywire dev`. */
  readonly devTokens?: DevTokenIssuer;
  /** Given, pages of this server play the persons of simulated networks: only for `anywire dev`. */
  readonly devHandset?: DevHandset;
}

/**
 * The HTTP edge: the API, its documentation, the console's files. Until the first request, more routes may
 * be added to what it returns; they get the same error answers and headers.
 */
export function createHttpApp(options: HttpAppOptions): Hono {
  const { http, limits, devTokens, devHandset } = options;
  const bodyLimits = { maxBodyBytes: http.maxBodyBytes, maxDepth: limits.maxDepth };
  const routes = [...apiRoutes(options, bodyLimits), ...statusRoutes(options)];
  const app = createApp(options, routes);
  serveRequestFunctions(app, { ...options, bodyLimits });
  if (devTokens !== undefined) serveDevTokens(app, devTokens, bodyLimits);
  if (devHandset !== undefined) serveDevHandset(app, devHandset);
  const operations = routes.map(({ operation }) => operation);
  serveDocs(app, operations, options.version);
  serveStaticFiles(app, options.publicDirectory, devHandset === undefined ? [] : ["/handset"]);
  return app;
}

/** What a process answers that is not there for clients: how it is doing, and, where it runs some, how functions do. */
export function createStatusApp(
  options: StatusAppOptions,
  functions?: FunctionRoutesOptions,
): Hono {
  const more = functions === undefined ? [] : functionRoutes(functions);
  return createApp(options, [...statusRoutes(options), ...more]);
}

function createApp(options: StatusAppOptions, routes: readonly ApiRoute[]): Hono {
  const { http, logger, metrics } = options;
  const app = new Hono();
  app.use(createRequestEnvelope({ ...http, logger, metrics }));
  app.onError(createErrorHandler(logger));
  app.notFound(createUnmatchedHandler(app));
  for (const { operation, handle } of routes) {
    app.on(operation.method, operation.path.replace(/\{(\w+)\}/g, ":$1"), handle);
  }
  return app;
}

function statusRoutes({ version, isReady, metrics }: StatusAppOptions): ApiRoute[] {
  return [createHealthRoute(version), createReadyRoute(isReady), createMetricsRoute(metrics)];
}

function apiRoutes(options: HttpAppOptions, bodyLimits: BodyLimits): ApiRoute[] {
  return [
    ...createModelRoutes({ ...options, bodyLimits }),
    createMessagesRoute({ ...options, bodyLimits }),
    createEntriesRoute(options),
    createPresenceRoute(options),
    createUploadRoute(options),
    ...createAttachmentRoutes(options),
    ...webhookRoutes(options),
    ...functionRoutes({ ...options, bodyLimits }),
    createJwksRoute(options.jwks),
  ];
}

function webhookRoutes({ inbound, http }: HttpAppOptions): ApiRoute[] {
  return inbound === undefined ? [] : createWebhookRoutes({ inbound, http });
}

function functionRoutes(options: FunctionRoutesOptions): ApiRoute[] {
  return [...createFunctionRoutes(options), ...createDeploymentRoutes(options)];
}
