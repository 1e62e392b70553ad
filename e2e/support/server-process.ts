import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { onTestFinished } from "vitest";

/** The command as users start it. */
export const BIN: string = fileURLToPath(
  new URL("../../packages/server/bin/anywire.js", import.meta.url),
);

/** A server in a process of its own that can be killed and started again, on one port and one data directory. */
export interface ServerProcess {
  readonly url: string;
  /** Where its inspector listens, when it was told to open it. */
  readonly inspector: string | undefined;
  /** Of the process that runs now, or ran last. */
  pid(): number | undefined;
  /** Starts it once more; resolves when it listens. */
  start(): Promise<void>;
  /** `kill -9`; resolves when the process is gone. */
  kill(): Promise<void>;
  /** SIGTERM; resolves with the exit code. */
  stop(): Promise<number | null>;
}

/** Starts `anywire dev` or `anywire start` for the first time; it is killed when the test is finished. */
export async function startServerProcess(
  command: "dev" | "start",
  dataDirectory: string,
  environment: NodeJS.ProcessEnv = process.env,
  options: readonly string[] = [],
): Promise<ServerProcess> {
  const launch = (port: string): ChildProcess => {
    const own = ["--json", "--port", port, "--data", dataDirectory];
    return spawn(process.execPath, [BIN, command, ...own, ...options], {
      env: environment,
      stdio: ["ignore", "pipe", "pipe"],
    });
  };
  let child = launch("0");
  const end = async (signal: NodeJS.Signals): Promise<number | null> => {
    if (child.exitCode !== null || child.signalCode !== null) return child.exitCode;
    const exited = once(child, "exit");
    child.kill(signal);
    const [code] = await exited;
    return code;
  };
  const kill = async (): Promise<void> => {
    await end("SIGKILL");
  };
  onTestFinished(kill);
  const { url, inspector } = await listening(child);
  return {
    url,
    inspector,
    pid: () => child.pid,
    kill,
    stop: () => end("SIGTERM"),
    async start() {
      child = launch(new URL(url).port);
      await listening(child);
    },
  };
}

interface Listening {
  readonly url: string;
  readonly inspector?: string;
}

/** What the line says that says that the server listens. */
async function listening(child: ChildProcess): Promise<Listening> {
  const said: string[] = [];
  child.stderr?.setEncoding("utf8").on("data", (text: string) => said.push(text));
  if (child.stdout === null) throw new Error("the server's output is not piped");
  for await (const line of createInterface(child.stdout)) {
    said.push(line);
    const { msg, url, inspector } = JSON.parse(line) as { msg?: string } & Partial<Listening>;
    if (msg !== "listening" || url === undefined) continue;
    // Nobody reads on, and a full pipe would hold the server up.
    child.stdout.resume();
    return { url, ...(inspector !== undefined && { inspector }) };
  }
  throw new Error(`the server did not start: ${said.join("\n")}`);
}
