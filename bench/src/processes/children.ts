import { type ChildProcess, fork, type SpawnOptions, spawn } from "node:child_process";
import { once } from "node:events";

const STOP_MS = 5000;

const running = new Set<ChildProcess>();

/** Starts a program that ends with the bench, however the bench ends. */
export function startChild(
  command: string,
  args: readonly string[],
  options: SpawnOptions = {},
): ChildProcess {
  return remember(spawn(command, args, options));
}

/** Starts a module of the bench as a process of its own that can be sent messages. */
export function forkChild(module: URL): ChildProcess {
  return remember(fork(module, { serialization: "advanced" }));
}

/** Ends a process; one that takes longer than five seconds is killed. */
export async function stopChild(child: ChildProcess): Promise<void> {
  if (!running.has(child)) return;
  const exited = once(child, "exit");
  child.kill("SIGTERM");
  const late = setTimeout(() => child.kill("SIGKILL"), STOP_MS);
  await exited;
  clearTimeout(late);
}

/** Kills whatever still runs, without waiting for it. */
export function killChildren(): void {
  for (const child of running) child.kill("SIGKILL");
}

function remember(child: ChildProcess): ChildProcess {
  running.add(child);
  child.once("exit", () => running.delete(child));
  child.once("error", () => running.delete(child));
  return child;
}
