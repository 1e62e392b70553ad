import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { fileURLToPath } from "node:url";
import { Hub } from "@anywire/core";
import { AnywireError } from "@anywire/types";
import { createThumbnailer } from "./attachments/thumbnailer.ts";
import type { Config } from "./config/config.ts";
import { Edge } from "./edges/centrifuge/edge.ts";
import { createCentrifugeEndpoints } from "./edges/centrifuge/endpoints.ts";
import { closeEngine, type Engine } from "./engine.ts";
import type { DevTokenIssuer } from "./http/dev-token-route.ts";
import type { ReadyReport } from "./http/health-routes.ts";
import { createHttpApp } from "./http/http-app.ts";
import { createHttpListener, type HttpListener } from "./http/http-listener.ts";
import type { Logger } from "./logging.ts";
import { createMetrics } from "./metrics/metrics.ts";
import { observeServer } from "./metrics/observe-server.ts";
import { createModel } from "./model.ts";
import type { KeySet } from "./tokens/key-set.ts";
import { createTokenVerifier } from "./tokens/token-verifier.ts";
import { VERSION } from "./version.ts";

/** How long a request may take to come in: for the default of Node, 5 minutes, a large attachment over a phone is too slow. */
const MAX_REQUEST_MS = 60 * 60 * 1000;

/** What a server is started from. */
export interface ServerOptions {
  readonly config: Config;
  readonly keySet: KeySet;
  readonly logger: Logger;
  /** Given, any page of this server gets tokens: only for `anywire dev`. */
  readonly devTokens?: DevTokenIssuer;
}

/** A server that answers. */
export interface RunningServer {
  /** Where it answers, such as `http://127.0.0.1:4000`. */
  readonly url: string;
  /** Sends clients away, finishes what was begun, lets go of everything. A second call waits for the first. */
  close(): Promise<void>;
}

/**
 * Puts the server together on an engine that has started; resolves when it answers.
 * @throws {AnywireError} `unavailable` when the port is taken; the engine is closed then.
 */
export async function openServer(options: ServerOptions, engine: Engine): Promise<RunningServer> {
  const { config, keySet, logger, devTokens } = options;
  const { log, presence, blobs } = engine;
  const thumbnailer = createThumbnailer();
  const { readable, inboxes, ...model } = createModel(engine, config, logger);
  const { maxJoinListeners } = config.presence;
  const bounds = { ...config.recovery, maxJoinListeners };
  const follow = (name: string) => model.accountPresences.follow(name);
  const hub = new Hub({ log: readable, presence, feed: inboxes, follow, ...bounds });
  const verifier = createTokenVerifier(keySet, config.tokens);
  const shared = { ...model, log: readable, presence, verifier, logger, version: VERSION };
  const edge = new Edge({ ...shared, hub, socket: config.socket, limits: config.limits });
  const stopInboxes = inboxes.start({
    onEvent: (entry) => hub.take(entry),
    onLeft: (name, channel) => edge.endAccess(name, channel),
  });
  hub.start();
  model.accountPresences.start(hub);
  const metrics = createMetrics();
  observeServer(metrics, hub, edge);
  const app = createHttpApp({
    ...shared,
    metrics,
    jwks: () => keySet.publicJwks(),
    isReady: () => readyReport(() => log.head(">")),
    http: config.http,
    limits: config.limits,
    attachments: config.attachments,
    blobs,
    thumbnailer,
    publicDirectory: fileURLToPath(new URL("../public", import.meta.url)),
    ...(devTokens === undefined ? {} : { devTokens }),
  });
  const listener = createListener(config, edge, createHttpListener(app));
  const stop = async (): Promise<void> => {
    const unheard = closed(listener);
    edge.close();
    listener.closeIdleConnections();
    await withTimeout(unheard, config.shutdown.timeoutMs, () => listener.closeAllConnections());
    await thumbnailer.close();
    await model.accountPresences.close();
    stopInboxes();
    hub.close();
    await closeEngine(engine);
  };
  try {
    const url = await listen(listener, config);
    let stopping: Promise<void> | null = null;
    return {
      url,
      close: () => {
        stopping ??= stop();
        return stopping;
      },
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

function createListener({ http, socket }: Config, edge: Edge, answer: HttpListener): Server {
  const endpoints = createCentrifugeEndpoints(edge, http.corsOrigins);
  const options = { highWaterMark: socket.maxBufferedBytes, requestTimeout: MAX_REQUEST_MS };
  const server = createServer(options, (request, response) => {
    if (!endpoints.handleRequest(request, response)) void answer(request, response);
  });
  server.on("upgrade", (request, stream, head) => endpoints.handleUpgrade(request, stream, head));
  return server;
}

function listen(server: Server, { http: { host, port } }: Config): Promise<string> {
  return new Promise((resolve, reject) => {
    server.once("error", (cause: NodeJS.ErrnoException) => {
      reject(new AnywireError("unavailable", listenFault(cause.code, host, port), { cause }));
    });
    server.listen({ host, port, backlog: 4096 }, () => {
      const address = server.address() as AddressInfo;
      resolve(`http://${reachable(address.address)}:${address.port}`);
    });
  });
}

function listenFault(code: string | undefined, host: string, port: number): string {
  if (code === "EADDRINUSE") {
    return `port ${port} on ${host} is taken; stop what listens there, or choose another with --port`;
  }
  if (code === "EACCES") return `port ${port} needs more rights; choose one above 1023 with --port`;
  return `cannot listen on ${host} port ${port} (${code}); check http.host and http.port`;
}

/** An address that a browser can open: the unspecified ones mean this machine. */
function reachable(address: string): string {
  if (address === "0.0.0.0" || address === "::") return "localhost";
  return address.includes(":") ? `[${address}]` : address;
}

async function readyReport(readLog: () => Promise<unknown>): Promise<ReadyReport> {
  try {
    await readLog();
    return { log: { ok: true } };
  } catch (error) {
    const why = error instanceof AnywireError ? error.message : "the log does not answer";
    return { log: { ok: false, why } };
  }
}

function closed(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
  });
}

async function withTimeout(done: Promise<void>, ms: number, onTimeout: () => void): Promise<void> {
  const timer = setTimeout(onTimeout, ms);
  await done;
  clearTimeout(timer);
}
