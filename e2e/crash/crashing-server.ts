import { keyFileOf, saveKeySet } from "../../packages/server/src/tokens/key-file.ts";
import { generateKeySet } from "../../packages/server/src/tokens/key-set.ts";
import type { Reachable } from "../support/sdk-client.ts";
import { type ServerProcess, startServerProcess } from "../support/server-process.ts";
import { temporaryDirectory } from "../support/temporary-directory.ts";
import { claimsOf, signToken } from "../support/tokens.ts";

/** What the crash is about is not the rate limit. */
const ENVIRONMENT = {
  ANYWIRE_SOCKET_MAX_COMMANDS_PER_SECOND: "1000000",
  ANYWIRE_SOCKET_MAX_COMMAND_BURST: "1000000",
};

/** A server that can be killed, and where its data lies. */
export type CrashingServer = ServerProcess & Reachable & { readonly directory: string };

/** Starts `anywire start` with a key of its own. */
export async function startCrashingServer(): Promise<CrashingServer> {
  const directory = await temporaryDirectory();
  const keySet = await generateKeySet();
  await saveKeySet(keyFileOf(directory), keySet);
  const server = await startServerProcess("start", directory, ENVIRONMENT);
  return {
    ...server,
    directory,
    token: (accountId, claims) => signToken(keySet, claimsOf(accountId, claims)),
  };
}
