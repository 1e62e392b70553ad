import { readFileSync } from "node:fs";
import { availableParallelism, cpus, release, tmpdir, totalmem, type } from "node:os";

/** What the bench ran on. */
export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  readonly memoryGib: number;
  readonly os: string;
  readonly node: string;
  /** File system of the temporary directory, where the databases are: on tmpfs no write waits for a disk. */
  readonly fileSystem: string;
}

/** Describes this machine. */
export function describeMachine(): Machine {
  return {
    cpu: cpus()[0]?.model.trim() ?? "unknown",
    cores: availableParallelism(),
    memoryGib: Math.round(totalmem() / 2 ** 30),
    os: `${type()} ${release()}`,
    node: process.version,
    fileSystem: fileSystemOf(tmpdir()),
  };
}

function fileSystemOf(path: string): string {
  const mounts = readFileSync("/proc/mounts", "utf8")
    .split("\n")
    .map((line) => line.split(" "))
    .filter(([, point = "?"]) => point === "/" || `${path}/`.startsWith(`${point}/`));
  const longest = mounts.reduce<string[]>(
    (best, mount) => ((mount[1] ?? "").length >= (best[1] ?? "").length ? mount : best),
    [],
  );
  return longest[2] ?? "unknown";
}
