import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { onTestFinished } from "vitest";
import { keyFileOf, saveKeySet } from "../../packages/server/src/tokens/key-file.ts";
import { generateKeySet } from "../../packages/server/src/tokens/key-set.ts";
import type { Reachable } from "../support/sdk-client.ts";
import { temporaryDirectory } from "../support/temporary-directory.ts";
import { claimsOf, signToken } from "../support/tokens.ts";

const BIN = fileURLToPath(new URL("../../packages/server/bin/anywire.js", import.meta.url));

/** What the crash is about is not the rate limit. */
const ENVIRONMENT = {
  ANYWIRE_SOCKET_MAX_COMMANDS_PER_SECOND: "1000000",
  ANYWIRE_SOCKET_MAX_COMMAND_BURST: "1000000",
};

/** `anywire start` in a process of its own that can be killed and started again, on one port and one data directory. */
export interface CrashingServer extends Reachable {
  /** Starts it once more; resolves when it listens. */
  start(): Promise<void>;
  /** `kill -9`; resolves when the process is gone. */
  kill(): Promise<void>;
  /** SIGTERM; resolves with the exit code. */
  stop(): Promise<number | null>;
}

/** Starts a server for the first time. */
export async function startCrashingServer(): Promise<CrashingServer> {
  const directory = await temporaryDirectory();
  const keySet = await generateKeySet();
  await saveKeySet(keyFileOf(directory), keySet);
  const launch = (port: string): ChildProcess =>
    spawn(process.execPath, [BIN, "start", "--port", port, "--data", directory], {
      env: ENVIRONMENT,
      stdio: ["ignore", "pipe", "inherit"],
    });
  let child = launch("0");
  const end = async (signal: NodeJS.Signals): Promise<number | null> => {
    if (child.exitCode !== null || child.signalCode !== null) return child.exitCode;
    const exited = once(child, "exit");
    child.kill(signal);
    const [code] = await exited;
    return code;
  };
  onTestFinished(async () => {
    await end("SIGKILL");
  });
  const url = await listening(child);
  return {
    url,
    token: (accountId, claims) => signToken(keySet, claimsOf(accountId, claims)),
    async start() {
      child = launch(new URL(url).port);
      await listening(child);
    },
    async kill() {
      await end("SIGKILL");
    },
    stop: () => end("SIGTERM"),
  };
}

/** The address that the server says it listens on. */
async function listening({ stdout }: ChildProcess): Promise<string> {
  if (stdout === null) throw new Error("the server's output is not piped");
  for await (const line of createInterface(stdout)) {
    const { msg, url } = JSON.parse(line);
    if (msg !== "listening") continue;
    // Nobody reads on, and a full pipe would hold the server up.
    stdout.resume();
    return url;
  }
  throw new Error("the server ended before it listened");
}
