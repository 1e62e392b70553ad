import { execFile, spawnSync } from "node:child_process";
import { promisify } from "node:util";
import { onTestFinished } from "vitest";
import { temporaryDirectory } from "./temporary-directory.ts";

/** Whether this machine lets us mount a small disk: needs Linux and root. */
export const CAN_MOUNT = process.platform === "linux" && tryToMount();

/** A directory on a disk of its own, in memory, of that many bytes; gone when the test is finished. */
export async function smallDisk(bytes: number): Promise<string> {
  const directory = await temporaryDirectory();
  await run("mount", ["-t", "tmpfs", "-o", `size=${bytes}`, "tmpfs", directory]);
  onTestFinished(async () => {
    await run("umount", [directory]);
  });
  return directory;
}

const run = promisify(execFile);

function tryToMount(): boolean {
  const attempt = "d=$(mktemp -d) && mount -t tmpfs tmpfs $d && umount $d; s=$?; rmdir $d; exit $s";
  return spawnSync("sh", ["-c", attempt]).status === 0;
}
