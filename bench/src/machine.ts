import { readFileSync } from "node:fs";
import { availableParallelism, cpus, release, tmpdir, totalmem, type } from "node:os";

// Five thousand connections and some room.
const OPEN_FILES = 6000;

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

/**
 * Makes sure that the bench can run here.
 * @throws with what is missing.
 */
export function checkMachine(): void {
  if (type() !== "Linux") {
    throw new Error("the bench reads processor time and memory from /proc: it needs Linux");
  }
  const limits = readFileSync("/proc/self/limits", "utf8");
  const files = Number(/^Max open files\s+(\d+)/m.exec(limits)?.[1] ?? Number.POSITIVE_INFINITY);
  if (files < OPEN_FILES) {
    throw new Error(
      `a process may have ${files} files open, and the bench needs ${OPEN_FILES}: run \`ulimit -n ${OPEN_FILES}\` first`,
    );
  }
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
