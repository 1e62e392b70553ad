import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { promisify } from "node:util";
import { onTestFinished } from "vitest";

const BIN = new URL("../../packages/server/bin/anywire.js", import.meta.url).pathname;

/** `anywire dev` in a process of its own, with data that outlives it. */
export interface ServerProcess {
  /** Stays the same over a restart. */
  readonly url: string;
  readonly dataDirectory: string;
  /** Kills it on the spot, and resolves when it is dead. */
  kill(): Promise<void>;
  /** Starts it again on the same port and data. */
  restart(): Promise<void>;
}

/** Starts a server for one test, and removes it and its data afterwards. */
export async function startServerProcess(): Promise<ServerProcess> {
  const dataDirectory = await mkdtemp(join(tmpdir(), "anywire-browser-"));
  let child = launch(dataDirectory, "0");
  const kill = async (): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill("SIGKILL");
    await once(child, "exit");
  };
  onTestFinished(async () => {
    await kill();
    await rm(dataDirectory, { recursive: true });
  });
  const url = await listening(child);
  return {
    url,
    dataDirectory,
    kill,
    async restart() {
      child = launch(dataDirectory, new URL(url).port);
      await listening(child);
    },
  };
}

/** A token for an account, from the command line. */
export async function tokenFrom(
  { dataDirectory }: ServerProcess,
  account: string,
): Promise<string> {
  const words = [BIN, "token", "--account", account, "--data", dataDirectory];
  const { stdout } = await promisify(execFile)(process.execPath, words);
  return stdout.trim();
}

function launch(dataDirectory: string, port: string): ChildProcess {
  const words = [BIN, "dev", "--json", "--port", port, "--data", dataDirectory];
  return spawn(process.execPath, words, { stdio: ["ignore", "pipe", "pipe"] });
}

/** The URL in the line that says that the server listens. */
async function listening(child: ChildProcess): Promise<string> {
  const said: string[] = [];
  child.stderr?.setEncoding("utf8").on("data", (text: string) => said.push(text));
  if (child.stdout === null) throw new Error("the server's output is not piped");
  for await (const line of createInterface(child.stdout)) {
    said.push(line);
    const { msg, url } = JSON.parse(line) as { msg?: string; url?: string };
    if (msg !== "listening" || url === undefined) continue;
    // Nobody reads on, and a full pipe would hold the server up.
    child.stdout.resume();
    return url;
  }
  throw new Error(`the server did not start: ${said.join("\n")}`);
}
