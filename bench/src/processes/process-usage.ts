import { readFileSync } from "node:fs";

// Linux reports processor time in hundredths of a second to every program, whatever its own clock is.
const TICKS_PER_SECOND = 100;

/** Processor time of all threads of a process so far, in user and system mode, seconds. */
export function cpuSeconds(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  // The program's name may hold spaces; what follows its bracket does not.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
}

/** Memory of a process that is in RAM, bytes. */
export function residentBytes(pid: number): number {
  const rollup = readFileSync(`/proc/${pid}/smaps_rollup`, "utf8");
  return Number(/^Rss:\s+(\d+) kB/m.exec(rollup)?.[1]) * 1024;
}
