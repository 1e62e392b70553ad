import { execFile } from "node:child_process";
import { promisify } from "node:util";

/** How much memory a process has in use, MB. */
export async function residentMb(pid: number | undefined): Promise<number> {
  const { stdout } = await promisify(execFile)("ps", ["-o", "rss=", "-p", String(pid)]);
  return Math.round(Number(stdout) / 1024);
}
