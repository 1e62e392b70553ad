import { join } from "node:path";
import { startAnywire } from "../peers/anywire.ts";
import type { PeerServer } from "../peers/peer.ts";
import {
  makeTemporaryDirectory,
  removeTemporaryDirectory,
} from "../processes/temporary-directory.ts";
import { type FunctionCode, writeFunctions } from "./function-files.ts";

/** How a server with functions differs from the default. */
export interface FunctionServerOptions {
  /** Where its data is; a new directory, removed at the end, when absent. */
  readonly dataDirectory?: string;
  /** More of its configuration. */
  readonly env?: NodeJS.ProcessEnv;
}

/** Starts Anywire as for production, with functions; they run when it resolves. */
export async function startWithFunctions(
  code: FunctionCode,
  { env, ...options }: FunctionServerOptions = {},
): Promise<PeerServer> {
  const parent = makeTemporaryDirectory();
  const directory = join(parent, "functions");
  writeFunctions(directory, code);
  const server = await startAnywire({
    ...options,
    env: {
      ...env,
      ANYWIRE_FUNCTIONS_SOURCE: "directory",
      ANYWIRE_FUNCTIONS_DIRECTORY: directory,
    },
  });
  return {
    ...server,
    async stop() {
      await server.stop();
      removeTemporaryDirectory(parent);
    },
  };
}

/** Runs with several servers at the same time, and stops those that started, whatever happens. */
export async function withServers<Name extends string, Result>(
  starts: Readonly<Record<Name, () => Promise<PeerServer>>>,
  use: (servers: Readonly<Record<Name, PeerServer>>) => Promise<Result>,
): Promise<Result> {
  const servers: [string, PeerServer][] = [];
  try {
    for (const [name, start] of Object.entries<() => Promise<PeerServer>>(starts)) {
      servers.push([name, await start()]);
    }
    return await use(Object.fromEntries(servers) as Record<Name, PeerServer>);
  } finally {
    await Promise.all(servers.map(([, server]) => server.stop()));
  }
}
