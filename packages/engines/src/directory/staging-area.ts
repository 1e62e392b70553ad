import { createHash, randomUUID } from "node:crypto";
import { mkdir, readdir, rm, stat } from "node:fs/promises";
import { hostname } from "node:os";
import { join } from "node:path";
import { isMissing } from "./disk.ts";

/** A leftover of another machine, whose processes can't be seen from here, counts as dead after this long. */
const OLD_MS = 24 * 60 * 60 * 1000;
const NAME = /^(?<host>[0-9a-f]{8})-(?<pid>\d+)-/;

const HOST = createHash("sha256").update(hostname()).digest("hex").slice(0, 8);

/** What this process works on. A leftover can bear its process id too: in a container it is always the same. */
const underWay = new Set<string>();

/** Where blobs are on their way in and out. What is here belongs to a running process, or a crash has left it. */
export class StagingArea {
  readonly #directory: string;

  constructor(directory: string) {
    this.#directory = directory;
  }

  /** Makes it, and removes what belongs to no running process. */
  async open(): Promise<void> {
    await mkdir(this.#directory, { recursive: true });
    for (const name of await readdir(this.#directory)) {
      const path = join(this.#directory, name);
      if (await isLeftover(name, path)) await rm(path, { recursive: true, force: true });
    }
  }

  /** Gives `work` the path of something that does not exist yet; what is there afterwards is removed. */
  async use<T>(work: (path: string) => Promise<T>): Promise<T> {
    const name = `${HOST}-${process.pid}-${randomUUID()}`;
    const path = join(this.#directory, name);
    underWay.add(name);
    try {
      return await work(path);
    } finally {
      await rm(path, { recursive: true, force: true });
      underWay.delete(name);
    }
  }
}

async function isLeftover(name: string, path: string): Promise<boolean> {
  const { host, pid } = NAME.exec(name)?.groups ?? {};
  if (host !== HOST) return isOld(path);
  if (Number(pid) === process.pid) return !underWay.has(name);
  return !isRunning(Number(pid)) || (await isOld(path));
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

async function isOld(path: string): Promise<boolean> {
  try {
    return Date.now() - (await stat(path)).mtimeMs > OLD_MS;
  } catch (error) {
    if (isMissing(error)) return false;
    throw error;
  }
}
