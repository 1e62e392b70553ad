import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { BIN, type ServerProcess, startServerProcess } from "../support/server-process.ts";
import { temporaryDirectory } from "../support/temporary-directory.ts";

/** `anywire dev` in a process of its own, with data that outlives it. */
export interface DevServer extends ServerProcess {
  readonly dataDirectory: string;
}

/** Starts a server for one test, and removes it and its data afterwards. */
export async function startDevServer(): Promise<DevServer> {
  const dataDirectory = await temporaryDirectory();
  return { ...(await startServerProcess("dev", dataDirectory)), dataDirectory };
}

/** A token for an account, from the command line. */
export async function tokenFrom({ dataDirectory }: DevServer, account: string): Promise<string> {
  const words = [BIN, "token", "--account", account, "--data", dataDirectory];
  const { stdout } = await promisify(execFile)(process.execPath, words);
  return stdout.trim();
}
