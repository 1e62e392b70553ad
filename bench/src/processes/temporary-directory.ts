import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const directories = new Set<string>();

/** Makes an empty directory that goes with the bench, however the bench ends. */
export function makeTemporaryDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), "anywire-bench-data-"));
  directories.add(directory);
  return directory;
}

/** Removes a directory with all that is in it. */
export function removeTemporaryDirectory(directory: string): void {
  rmSync(directory, { recursive: true, force: true, maxRetries: 3 });
  directories.delete(directory);
}

/** Removes every directory that is still there. */
export function removeTemporaryDirectories(): void {
  for (const directory of directories) removeTemporaryDirectory(directory);
}
