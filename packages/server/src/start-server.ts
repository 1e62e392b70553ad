import { closeEngine, createEngine, type Engine, startEngine } from "./engine.ts";
import type { RunningServer, ServerOptions } from "./server.ts";

/**
 * Starts a server; resolves when it answers.
 * @throws {AnywireError} `unavailable` when the port is taken or the data can't be opened, and what the drivers throw.
 */
export async function startServer(options: ServerOptions): Promise<RunningServer> {
  const engine = await createEngine(options.config);
  // The log opens in threads of its own: meanwhile this one loads what the server is made of.
  const [{ openServer }] = await Promise.all([import("./server.ts"), startOrClose(engine)]);
  return openServer(options, engine);
}

/** What has begun to run would keep the process alive that can't go on. */
async function startOrClose(engine: Engine): Promise<void> {
  try {
    await startEngine(engine);
  } catch (error) {
    await closeEngine(engine).catch(() => {});
    throw error;
  }
}
