import { type FSWatcher, watch } from "node:fs";
import { readdir, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { AnywireError } from "@anywire/types";

/** Directories whose files are watched, each for itself. */
export class WatchedDirectories {
  readonly #onChange: () => void;
  #watchers = new Map<string, FSWatcher>();
  /** A directory may have been replaced by another one of its name, which its watcher does not see. */
  #isDoubtful = false;

  constructor(onChange: () => void) {
    this.#onChange = onChange;
  }

  /** Whether a directory is watched. */
  has(directory: string): boolean {
    return this.#watchers.has(directory);
  }

  /**
   * Watches these and no others. Returns whether one is new: what happened in it before is not known.
   * @throws {AnywireError} `unavailable` when one cannot be watched.
   */
  set(directories: ReadonlySet<string>): boolean {
    const before = this.#watchers;
    const isRenewed = this.#isDoubtful;
    this.#isDoubtful = false;
    this.#watchers = new Map();
    let isNew = false;
    try {
      for (const directory of directories) {
        const old = before.get(directory);
        const watcher = isRenewed || old === undefined ? this.#open(directory) : old;
        if (watcher === undefined) continue;
        this.#watchers.set(directory, watcher);
        if (watcher === old) before.delete(directory);
        isNew ||= old === undefined;
      }
    } finally {
      // After the new ones are open, so that nothing is missed.
      for (const watcher of before.values()) watcher.close();
    }
    return isNew;
  }

  /** Watches nothing more. */
  close(): void {
    for (const watcher of this.#watchers.values()) watcher.close();
    this.#watchers.clear();
  }

  /** Undefined when it is gone already, of which the directory above tells. */
  #open(directory: string): FSWatcher | undefined {
    try {
      const watcher = watch(directory, { persistent: false }, (event) => {
        if (event === "rename") this.#isDoubtful = true;
        this.#onChange();
      });
      watcher.on("error", () => {
        this.#isDoubtful = true;
        this.#onChange();
      });
      return watcher;
    } catch (error) {
      if (isMissing(error)) return undefined;
      const why = error instanceof Error ? error.message : String(error);
      const message = `the directory ${directory} cannot be watched: ${why}`;
      throw new AnywireError("unavailable", message, { cause: error });
    }
  }
}

/** A directory and those below it, without packages and what is hidden; of one that is not there, the nearest above it that is. */
export async function directoriesOf(directory: string): Promise<Set<string>> {
  if (!(await isDirectory(directory))) {
    let above = dirname(directory);
    while (above !== dirname(above) && !(await isDirectory(above))) above = dirname(above);
    return new Set([above]);
  }
  const found = new Set([directory]);
  // The set grows while it is gone through.
  for (const one of found) {
    for (const name of await namesOfDirectories(one)) found.add(join(one, name));
  }
  return found;
}

/** Whether there is a directory of that name. */
export async function isDirectory(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isDirectory();
  } catch (error) {
    if (isMissing(error)) return false;
    throw error;
  }
}

async function namesOfDirectories(directory: string): Promise<string[]> {
  try {
    const items = await readdir(directory, { withFileTypes: true });
    const names = items.filter((item) => item.isDirectory()).map(({ name }) => name);
    return names.filter((name) => name !== "node_modules" && !name.startsWith("."));
  } catch (error) {
    if (isMissing(error)) return [];
    throw error;
  }
}

function isMissing(error: unknown): boolean {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  return code === "ENOENT" || code === "ENOTDIR";
}
