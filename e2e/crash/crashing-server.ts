import { keyFileOf, saveKeySet } from "../../packages/server/src/tokens/key-file.ts";
import { generateKeySet } from "../../packages/server/src/tokens/key-set.ts";
import type { Reachable } from "../support/sdk-client.ts";
import { type ServerProcess, startServerProcess } from "../support/server-process.ts";
import { temporaryDirectory } from "../support/temporary-directory.ts";
import { claimsOf, signToken } from "../support/tokens.ts";

/** What the crash is about is not the rate limit. */
export const NO_LIMITS = {
  ANYWIRE_SOCKET_MAX_COMMANDS_PER_SECOND: "1000000",
  ANYWIRE_SOCKET_MAX_COMMAND_BURST: "1000000",
};

/** A server that can be killed, and where its data lies. */
export type CrashingServer = ServerProcess & Reachable & { readonly directory: string };

/** A data directory with nothing in it but a key, and tokens that are signed with that. */
export async function directoryWithKey(): Promise<Pick<CrashingServer, "directory" | "token">> {
  const directory = await temporaryDirectory();
  const keySet = await generateKeySet();
  await saveKeySet(keyFileOf(directory), keySet);
  return { directory, token: (account, claims) => signToken(keySet, claimsOf(account, claims)) };
}

/** Starts `anywire start` with a key of its own, and what else its environment shall say. */
export async function startCrashingServer(
  environment: NodeJS.ProcessEnv = {},
): Promise<CrashingServer> {
  const own = await directoryWithKey();
  const all = { ...NO_LIMITS, ...environment };
  return { ...own, ...(await startServerProcess("start", own.directory, all)) };
}
