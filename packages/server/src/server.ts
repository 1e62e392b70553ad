import type { Server, ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { AnywireError } from "@anywire/types";
import { startBackgroundWork } from "./background-work.ts";
import type { Config } from "./config/config.ts";
import type { DevHandset } from "./dev/dev-handset.ts";
import { createDomain, type Domain } from "./domain.ts";
import { closeEngine, type Engine } from "./engine.ts";
import { createEdgeFront, createStatusFront } from "./front.ts";
import type { FunctionFilesListener } from "./functions/functions-service.ts";
import type { DevTokenIssuer } from "./http/dev-token-route.ts";
import type { ReadyReport } from "./http/health-routes.ts";
import type { Logger } from "./logging.ts";
import { createMetrics, type Metrics } from "./metrics/metrics.ts";
import { readReadiness } from "./readiness.ts";
import type { KeySet } from "./tokens/key-set.ts";

/** What a server says that is about to end: balancers then send clients to the others. */
const STOPPING: ReadyReport = { server: { ok: false, why: "it is stopping" } };

/** How often a stopping server ends the connections that have their last answer, ms. */
const SWEEP_MS = 50;

/** What a server is started from. */
export interface ServerOptions {
  readonly config: Config;
  readonly keySet: KeySet;
  readonly logger: Logger;
  /** Given, any page of this server gets tokens: only for `anywire dev`. */
  readonly devTokens?: DevTokenIssuer;
  /** Given, simulated networks are started for a page that plays the persons there: only for `anywire dev`. */
  readonly devHandset?: DevHandset;
  /** Told of what becomes of watched files of functions; by default the log is. */
  readonly functionFiles?: FunctionFilesListener;
}

/** A server that answers. */
export interface RunningServer {
  /** Where it answers, such as `http://127.0.0.1:4000`. */
  readonly url: string;
  /** Names of the functions that ran when it began to answer. */
  readonly functionNames: readonly string[];
  /** Sends clients away, finishes what was begun, lets go of everything. A second call waits for the first. */
  close(): Promise<void>;
}

/**
 * Puts the server together on an engine that has started; resolves when it answers.
 * @throws {AnywireError} `unavailable` when the port is taken; the engine is closed then.
 */
export async function openServer(options: ServerOptions, engine: Engine): Promise<RunningServer> {
  const { config, logger } = options;
  const { roles, shutdown } = config;
  let isStopping = false;
  const isReady = async (): Promise<ReadyReport> =>
    isStopping ? STOPPING : await readReadiness(engine);
  const metrics = createMetrics();
  const domain = await createDomainIfNeeded(options, engine, metrics);
  const front =
    domain !== undefined && roles.includes("edge")
      ? createEdgeFront(options, engine, { isReady, metrics }, domain)
      : createStatusFront(options, { isReady, metrics }, domain?.functions);
  const work = roles.includes("projector")
    ? startBackgroundWork(engine, logger, metrics)
    : undefined;
  const { listener } = front;
  const stop = async (): Promise<void> => {
    isStopping = true;
    listener.prependListener("request", answerLast);
    await options.devHandset?.close();
    await front.drain(shutdown.drainMs);
    // One time for all: what answers take of it is gone for runs.
    const end = performance.now() + shutdown.timeoutMs;
    try {
      const unheard = closed(listener, shutdown.timeoutMs);
      front.endSessions();
      await unheard;
      await front.close();
      await domain?.close(Math.max(0, end - performance.now()));
      await work?.close();
    } finally {
      await closeEngine(engine);
    }
  };
  try {
    await domain?.start();
    await front.begin();
    const functionNames = (await domain?.functions.names()) ?? [];
    const url = await listen(listener, config);
    await domain?.connectors.start(url);
    // Nobody has to wait for them.
    if (domain !== undefined) void startDevHandset(options, domain);
    let stopping: Promise<void> | null = null;
    return {
      url,
      functionNames,
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

/** Networks to try things out with, and the connections to them. */
async function startDevHandset(
  { devHandset, logger }: ServerOptions,
  { connectors, model }: Domain,
): Promise<void> {
  if (devHandset === undefined) return;
  const { openDevNetworks } = await import("./dev/open-dev-networks.ts");
  const { webhookUrlOf } = connectors;
  const { operations } = model;
  const registry = connectors.connectors;
  await openDevNetworks({ handset: devHandset, registry, webhookUrlOf, operations, logger });
}

/** A process that only projects has to do with neither clients nor functions. */
async function createDomainIfNeeded(
  options: ServerOptions,
  engine: Engine,
  metrics: Metrics,
): Promise<Domain | undefined> {
  const { roles } = options.config;
  if (roles.every((role) => role === "projector")) return undefined;
  try {
    return await createDomain(options, engine, metrics);
  } catch (error) {
    await closeEngine(engine);
    throw error;
  }
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

/** Whoever asks on a connection that was kept is to ask another server next time. */
function answerLast(_request: unknown, response: ServerResponse): void {
  response.setHeader("connection", "close");
}

/** Takes no connection any more and ends each that has its answer; after that time all of them. */
async function closed(server: Server, withinMs: number): Promise<void> {
  const sweep = setInterval(() => server.closeIdleConnections(), SWEEP_MS);
  const late = setTimeout(() => server.closeAllConnections(), withinMs);
  await new Promise((resolve) => server.close(resolve));
  clearInterval(sweep);
  clearTimeout(late);
}
