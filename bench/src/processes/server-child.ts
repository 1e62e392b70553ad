import type { ChildProcess } from "node:child_process";
import { fileURLToPath } from "node:url";
import { startChild } from "./children.ts";

const COLLECT_GARBAGE = new URL("../../peers/collect-garbage.mjs", import.meta.url).href;

const PORT = /"port":(\d+)|127\.0\.0\.1:(\d+)/;
const KEPT_OUTPUT = 4096;

/** A server's process that has said where it listens. */
export interface ServerChild {
  readonly child: ChildProcess;
  readonly pid: number;
  readonly port: number;
}

/** Starts a server that prints a line with `"port":1234` or a URL with its port. */
export async function startServerChild(
  command: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv,
): Promise<ServerChild> {
  const child = startChild(command, args, {
    env: { ...process.env, ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const port = await announcedPort(child);
  if (child.pid === undefined) throw new Error(`${command} has no process id`);
  return { child, pid: child.pid, port };
}

/** Starts a module or script with this Node.js; SIGUSR2 makes it collect its garbage. */
export function startNodeServer(
  script: URL,
  args: readonly string[],
  env: NodeJS.ProcessEnv,
): Promise<ServerChild> {
  const nodeArgs = ["--import", COLLECT_GARBAGE, fileURLToPath(script), ...args];
  return startServerChild(process.execPath, nodeArgs, env);
}

function announcedPort(child: ChildProcess): Promise<number> {
  return new Promise((resolve, reject) => {
    let output = "";
    for (const stream of [child.stdout, child.stderr]) {
      stream?.on("data", (chunk: Buffer) => {
        output = (output + chunk.toString()).slice(-KEPT_OUTPUT);
        const port = PORT.exec(output);
        if (port !== null) resolve(Number(port[1] ?? port[2]));
      });
    }
    child.once("error", reject);
    child.once("exit", () => reject(new Error(`the server ended: ${output}`)));
  });
}
