import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { type AddressInfo, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import type { ServerRecipe } from "./engine-servers.ts";

/** A server that was started for tests. */
export interface RunningServer {
  readonly url: string;
  /** Where it keeps its data. */
  readonly directory: string;
  /** Kills it and deletes its data. */
  stop(): Promise<void>;
}

/**
 * Becomes the server, and leaves a guard behind that reads our end of a pipe: when that closes, because we say
 * so or because we died in whatever way, the guard kills the server and deletes its data.
 */
const GUARDED = `
  exec 3<&0
  (cat <&3; kill -9 $$; rm -rf "$0") >/dev/null 2>&1 &
  exec "$@" 3<&- </dev/null
`;

/**
 * Starts a server on loopback with data of its own, on a free port, the given one if that is free.
 * @throws {Error} when it ends before it takes connections; says what it said
 */
export async function startServer(
  recipe: ServerRecipe,
  program: string,
  preferredPort = 0,
): Promise<RunningServer> {
  const directory = await mkdtemp(join(tmpdir(), `anywire-${recipe.program}-`));
  const port = await freePort(preferredPort);
  const command = [program, ...recipe.args(port, directory)];
  const child = spawn("sh", ["-c", GUARDED, directory, ...command], {
    stdio: ["pipe", "ignore", "pipe"],
  });
  const ended = once(child, "exit");
  const stop = async (): Promise<void> => {
    child.stdin.end();
    await ended;
    await rm(directory, { recursive: true, force: true, maxRetries: 3 });
  };
  try {
    await untilReady(child.stderr, recipe);
  } catch (error) {
    await stop();
    throw error;
  }
  return { url: recipe.url(port), directory, stop };
}

async function untilReady(output: Readable, { program, ready }: ServerRecipe): Promise<void> {
  const said: string[] = [];
  for await (const line of createInterface({ input: output })) {
    said.push(line);
    // From here on it may say what it likes, but somebody has to take it.
    if (ready.test(line)) return void output.resume();
  }
  throw new Error(`${program} ended before it was ready:\n${said.join("\n")}`);
}

/** The preferred port if nobody listens there, else any that is free. */
async function freePort(preferred: number): Promise<number> {
  const server = createServer();
  try {
    await once(server.listen(preferred, "127.0.0.1"), "listening");
  } catch {
    return await freePort(0);
  }
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}
