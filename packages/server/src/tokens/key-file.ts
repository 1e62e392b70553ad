import { randomBytes } from "node:crypto";
import { mkdir, open, readFile, rename, rm, stat } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { AnywireError } from "@anywire/types";
import type { KeySet } from "./key-set.ts";
import { parseKeySet } from "./key-text.ts";

/** Where the server keeps its own keys. */
export function keyFileOf(dataDirectory: string): string {
  return join(resolve(dataDirectory), "keys.json");
}

/**
 * Loads a key set from a file; undefined when there is no such file.
 * @throws {AnywireError} `bad_request` when it can't be read or holds no usable keys.
 */
export async function loadKeySet(file: string): Promise<KeySet | undefined> {
  const text = await readFile(file, "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return undefined;
    throw new AnywireError("bad_request", `the key file ${file} can't be read (${error.code})`);
  });
  if (text === undefined) return undefined;
  try {
    return await parseKeySet(text);
  } catch (error) {
    if (!(error instanceof AnywireError)) throw error;
    throw new AnywireError(error.code, `${file}: ${error.message}`, { cause: error });
  }
}

/**
 * Saves a key set so that only its owner can read it. Whoever reads the file meanwhile, or after a crash,
 * sees the old set or the new one, never a part.
 */
export async function saveKeySet(file: string, keySet: KeySet): Promise<void> {
  await mkdir(dirname(file), { recursive: true, mode: 0o700 });
  const draft = `${file}.${randomBytes(6).toString("hex")}`;
  try {
    const handle = await open(draft, "wx", 0o600);
    try {
      await handle.writeFile(`${JSON.stringify(keySet.privateJwks(), null, 2)}\n`);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(draft, file);
  } catch (error) {
    await rm(draft, { force: true });
    throw error;
  }
}

/** Whether accounts of the machine other than the file's owner may read it. Always false on Windows. */
export async function isReadableByOthers(file: string): Promise<boolean> {
  if (process.platform === "win32") return false;
  return ((await stat(file)).mode & 0o077) !== 0;
}
