import { stopChild } from "../processes/children.ts";
import { startNodeServer } from "../processes/server-child.ts";
import {
  makeTemporaryDirectory,
  removeTemporaryDirectory,
} from "../processes/temporary-directory.ts";
import type { Peer, PeerServer } from "./peer.ts";
import { createEs256Tokens, type TokenMaker } from "./tokens.ts";
import { versionIn } from "./versions.ts";

const SERVER = new URL("../../../packages/server/", import.meta.url);
const COMMAND = new URL("bin/anywire.js", SERVER);

// The load publishes everything over one connection, far beyond what one client may.
const NO_RATE_LIMIT = {
  ANYWIRE_SOCKET_MAX_COMMANDS_PER_SECOND: "1000000",
  ANYWIRE_SOCKET_MAX_COMMAND_BURST: "1000000",
};

/** How a server of Anywire differs from the default. */
export interface AnywireOptions {
  /** Where its data is; a new directory, removed at the end, when absent. */
  readonly dataDirectory?: string;
  /** Whether entries that wait together are flushed together. Default true. */
  readonly groupCommit?: boolean;
  /** Makes the tokens it takes; default: one of its own. */
  readonly tokens?: TokenMaker;
  /** More of its configuration. */
  readonly env?: NodeJS.ProcessEnv;
}

/** Anywire as it is started for production: every message is on disk before it is acknowledged and delivered. */
export const anywire: Peer = {
  name: "anywire",
  title: `Anywire ${versionIn(new URL("package.json", SERVER))}`,
  wire: "centrifuge",
  canCollectGarbage: true,
  start: () => startAnywire({}),
};

/** Starts `anywire start`. */
export async function startAnywire(options: AnywireOptions): Promise<PeerServer> {
  const { groupCommit = true, tokens = createEs256Tokens() } = options;
  const directory = options.dataDirectory ?? makeTemporaryDirectory();
  const { child, pid, port } = await startNodeServer(
    COMMAND,
    ["start", "--port", "0", "--data", directory],
    {
      ...NO_RATE_LIMIT,
      ...options.env,
      ANYWIRE_TOKENS_KEYS: tokens.key,
      ANYWIRE_LOG_GROUP_COMMIT: String(groupCommit),
    },
  );
  const stop = async (): Promise<void> => {
    await stopChild(child);
    if (options.dataDirectory === undefined) removeTemporaryDirectory(directory);
  };
  return { pid, port, token: tokens.token, stop };
}
