import type { Server } from "node:http";
import { createServer } from "node:http";
import { fileURLToPath } from "node:url";
import { Hub } from "@anywire/core";
import type { Domain } from "./domain.ts";
import { Edge } from "./edges/centrifuge/edge.ts";
import { createCentrifugeEndpoints } from "./edges/centrifuge/endpoints.ts";
import type { Engine } from "./engine.ts";
import type { FunctionsService } from "./functions/functions-service.ts";
import type { ReadyReport } from "./http/health-routes.ts";
import { createHttpApp, createStatusApp } from "./http/http-app.ts";
import { createHttpListener } from "./http/http-listener.ts";
import type { Metrics } from "./metrics/metrics.ts";
import { observeServer } from "./metrics/observe-server.ts";
import type { ServerOptions } from "./server.ts";
import { createTokenVerifier } from "./tokens/token-verifier.ts";
import { VERSION } from "./version.ts";

/** How long a request may take to come in: for the default of Node, 5 minutes, a large attachment over a phone is too slow. */
const MAX_REQUEST_MS = 60 * 60 * 1000;

/** What answers on the server's port. */
export interface Front {
  /** Not listening yet. */
  readonly listener: Server;
  /** Before it listens. */
  begin(): Promise<void>;
  /** Sends clients away, one after the other within that time. */
  drain(withinMs: number): Promise<void>;
  /** Sends away those who are left: the listener can then come to an end. */
  endSessions(): void;
  /** Lets go of everything, once nobody is answered any more. */
  close(): Promise<void>;
}

/** How the process is doing, for whoever watches it. */
export interface Health {
  readonly isReady: () => Promise<ReadyReport>;
  readonly metrics: Metrics;
}

/** The front of a process that is there for clients: connections, the API, the pages. */
export function createEdgeFront(
  options: ServerOptions,
  engine: Engine,
  { isReady, metrics }: Health,
  { model: whole, functions, connectors, intake }: Omit<Domain, "start" | "close">,
): Front {
  const { config, keySet, logger, devTokens, devHandset } = options;
  const { presence, blobs, post } = engine;
  const { readable, inboxes, ...model } = whole;
  const { accountPresences } = model;
  const { maxJoinListeners } = config.presence;
  const bounds = { ...config.recovery, maxJoinListeners };
  const follow = (name: string) => accountPresences.follow(name);
  const hub = new Hub({ log: readable, presence, feed: inboxes, follow, ...bounds });
  const verifier = createTokenVerifier(keySet, config.tokens);
  const shared = { ...model, log: readable, presence, verifier, logger, version: VERSION };
  const { socket, limits } = config;
  const edge = new Edge({
    ...shared,
    hub,
    socket,
    limits,
    onPresence: (event) => functions.host.onPresence(event),
    ...(post === undefined ? {} : { post }),
  });
  const stopInboxes = inboxes.start({
    onEvent: (entry) => hub.take(entry),
    onLeft: (name, channel) => edge.endAccess(name, channel),
  });
  hub.start();
  accountPresences.start(hub);
  observeServer(metrics, hub, edge);
  const app = createHttpApp({
    ...shared,
    metrics,
    jwks: () => keySet.publicJwks(),
    isReady,
    http: config.http,
    limits,
    blobs,
    functions,
    intake,
    publicDirectory: fileURLToPath(new URL("../public", import.meta.url)),
    inbound: connectors.inbound,
    ...(devTokens === undefined ? {} : { devTokens }),
    ...(devHandset === undefined ? {} : { devHandset }),
  });
  const answer = createHttpListener(app);
  const endpoints = createCentrifugeEndpoints(edge, config.http.corsOrigins);
  const highWaterMark = socket.maxBufferedBytes;
  const listener = createServer(
    { highWaterMark, requestTimeout: MAX_REQUEST_MS },
    (request, response) => {
      if (!endpoints.handleRequest(request, response)) void answer(request, response);
    },
  );
  listener.on("upgrade", (request, stream, head) => {
    endpoints.handleUpgrade(request, stream, head);
  });
  return {
    listener,
    begin: () => edge.start(),
    drain: (withinMs) => edge.drain(withinMs),
    endSessions: () => edge.close(),
    async close() {
      await edge.settled();
      await accountPresences.close();
      stopInboxes();
      hub.close();
    },
  };
}

/** The front of a process that clients do not call: it says how it is doing, and, where it runs some, how functions do. */
export function createStatusFront(
  { config, keySet, logger }: ServerOptions,
  { isReady, metrics }: Health,
  functions: FunctionsService | undefined,
): Front {
  const { http, limits } = config;
  const status = { http, logger, isReady, version: VERSION, metrics };
  const app = createStatusApp(
    status,
    functions && {
      functions,
      verifier: createTokenVerifier(keySet, config.tokens),
      bodyLimits: { maxBodyBytes: http.maxBodyBytes, maxDepth: limits.maxDepth },
    },
  );
  const answer = createHttpListener(app);
  return {
    listener: createServer((request, response) => void answer(request, response)),
    begin: async () => {},
    drain: async () => {},
    endSessions() {},
    close: async () => {},
  };
}
