import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";

/** A new empty directory, gone when the test is finished. */
export async function temporaryDirectory(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), "anywire-e2e-"));
  onTestFinished(() => rm(directory, { recursive: true, force: true }));
  return directory;
}
