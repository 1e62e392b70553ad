import { setFlagsFromString } from "node:v8";
import type { Config } from "../config/config.ts";
import type { Logger } from "../logging.ts";
import type { RunningServer, ServerOptions } from "../server.ts";
import { CliError } from "./cli-error.ts";
import { createDeferred } from "./deferred.ts";
import type { StopSignal, Terminal } from "./terminal.ts";

/** What a stopping server gets beyond `shutdown.timeoutMs` before it is given up, ms. */
const GRACE_MS = 5000;

/**
 * Starts a server and keeps it until a signal comes, then lets it finish what it has begun. A second signal
 * ends the process at once.
 * @throws {CliError} when it does not stop in time; whatever keeps it from starting.
 */
export async function serve(
  terminal: Terminal,
  options: ServerOptions,
  onStarted: (server: RunningServer) => void,
): Promise<void> {
  const { startServer } = await import("../start-server.ts");
  const { config, logger } = options;
  const stopRequested = createDeferred<StopSignal>();
  let isStopping = false;
  const ignoreSignals = terminal.onSignal((signal) => {
    if (isStopping) return terminal.exit(1);
    isStopping = true;
    stopRequested.resolve(signal);
  });
  try {
    const server = await withSteadyYoungGeneration(() => startServer(options));
    onStarted(server);
    const signal = await stopRequested.promise;
    logger.info({ signal }, "stopping: sending clients away and finishing what was begun");
    await closeInTime(server, config, terminal);
    logger.info("stopped");
  } finally {
    ignoreSignals();
  }
}

/**
 * Keeps V8's space for new objects at what a server needs, some 8 MB in each thread: the worker threads begin with it,
 * the main thread has come to it by the end of the start. A rush of clients would let it grow to 32 MB twice, which
 * stay resident and make nothing faster: four to six kilobytes for each of 5,000 idle connections.
 */
async function withSteadyYoungGeneration<T>(start: () => Promise<T>): Promise<T> {
  setFlagsFromString("--min-semi-space-size=8");
  const started = await start();
  setFlagsFromString("--semi-space-growth-factor=1");
  return started;
}

/** Logs what nobody caught before the process dies of it: the log is where one looks. */
export function logCrashes(logger: Logger): void {
  process.on("uncaughtExceptionMonitor", (error) => {
    logger.fatal({ err: error }, "an unforeseen failure ends the server");
  });
}

async function closeInTime(
  server: RunningServer,
  { shutdown }: Config,
  terminal: Terminal,
): Promise<void> {
  const limitMs = shutdown.drainMs + shutdown.timeoutMs + GRACE_MS;
  const tooLate = createDeferred<never>();
  const timer = setTimeout(() => {
    tooLate.reject(new CliError(`the server did not stop within ${limitMs} ms`));
    // Once that is said: what is still open would keep the process.
    setImmediate(() => terminal.exit(1));
  }, limitMs);
  try {
    await Promise.race([server.close(), tooLate.promise]);
  } finally {
    clearTimeout(timer);
  }
}
