import { mkdir, open, rename, rm } from "node:fs/promises";
import { dirname } from "node:path";
import { AnywireError } from "@anywire/types";

const NO_ROOM = new Set(["ENOSPC", "EDQUOT"]);

/**
 * Does something with the disk.
 * @throws {AnywireError} `storage_full` when there is no room, `unavailable` for any other trouble with it.
 */
export async function onDisk<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (code === undefined || !/^E[A-Z0-9]+$/.test(code)) throw cause;
    if (NO_ROOM.has(code)) {
      const message =
        "the disk of the blobs has no room left: make room, and storing goes on by itself";
      throw new AnywireError("storage_full", message, { cause });
    }
    const message = `the directory of the blobs cannot be used (${code}): check its permissions and the disk`;
    throw new AnywireError("unavailable", message, { cause });
  }
}

/** Whether something failed because the file or directory is not there. */
export function isMissing(thrown: unknown): boolean {
  return (thrown as NodeJS.ErrnoException).code === "ENOENT";
}

/** Makes what was created, renamed or removed in a directory survive a power cut. */
export async function syncDirectory(directory: string): Promise<void> {
  // Windows cannot open directories, and its file system keeps their order itself.
  if (process.platform === "win32") return;
  const handle = await open(directory);
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Moves a directory to where there is none yet, durably; what leads there is made. */
export async function placeDirectory(from: string, to: string, root: string): Promise<void> {
  const parent = dirname(to);
  await mkdir(parent, { recursive: true });
  await rename(from, to);
  try {
    // All the way, also where they were there: another may have made them just now and not come to it yet.
    for (let above = parent; above.length >= root.length; above = dirname(above)) {
      await syncDirectory(above);
    }
  } catch (error) {
    // Whoever is told that it failed must not find it there.
    await rm(to, { recursive: true, force: true });
    throw error;
  }
}
