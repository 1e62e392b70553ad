import { mkdir, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { temporaryDirectory } from "./temporary-directory.ts";

/** A directory of functions that a test writes. */
export interface FunctionsDirectory {
  readonly path: string;
  /** Writes a file as editors do, so that nobody sees half of it. */
  write(file: string, code: string): Promise<void>;
  remove(file: string): Promise<void>;
}

/** Makes a directory of functions with these files in it; it is gone when the test is finished. */
export async function functionsDirectory(
  files: Readonly<Record<string, string>> = {},
): Promise<FunctionsDirectory> {
  const path = join(await temporaryDirectory(), "functions");
  await mkdir(path);
  const write = async (file: string, code: string): Promise<void> => {
    const draft = join(path, `_${file}.draft`);
    await writeFile(draft, code);
    await rename(draft, join(path, file));
  };
  for (const [file, code] of Object.entries(files)) await write(file, code);
  return { path, write, remove: (file) => rm(join(path, file)) };
}
