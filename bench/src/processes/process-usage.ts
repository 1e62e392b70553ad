import { readdirSync, readFileSync } from "node:fs";

/**
 * Processor time of all threads that a process has, in user and system mode, seconds. To the nanosecond, where
 * `/proc/<pid>/stat` counts in hundredths of a second.
 */
export function cpuSeconds(pid: number): number {
  const tasks = `/proc/${pid}/task`;
  const nanoseconds = readdirSync(tasks).map((thread) =>
    Number(readFileSync(`${tasks}/${thread}/schedstat`, "utf8").split(" ")[0]),
  );
  return nanoseconds.reduce((sum, one) => sum + one, 0) / 1e9;
}

/** Memory of a process that is in RAM, bytes. */
export function residentBytes(pid: number): number {
  const rollup = readFileSync(`/proc/${pid}/smaps_rollup`, "utf8");
  return Number(/^Rss:\s+(\d+) kB/m.exec(rollup)?.[1]) * 1024;
}
