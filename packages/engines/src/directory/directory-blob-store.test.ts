import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, readdir, readFile, rm, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { describeBlobStore } from "@anywire/testkit";
import { expect, onTestFinished, test } from "vitest";
import { createDirectoryBlobStore } from "./directory-blob-store.ts";

const PACKAGE = new URL("../..", import.meta.url);
const draft = {
  platform: "production",
  id: "b1",
  mimeType: "text/plain",
  name: "a.txt",
  maxBytes: 1e6,
};

async function newDirectory(): Promise<string> {
  return mkdtemp(join(tmpdir(), "anywire-blobs-"));
}

async function temporaryDirectory(): Promise<string> {
  const directory = await newDirectory();
  onTestFinished(() => rm(directory, { recursive: true }));
  return directory;
}

const staged = (directory: string): Promise<string[]> => readdir(join(directory, ".staging"));

describeBlobStore("directory", async () => {
  const directory = await newDirectory();
  return {
    createNode: () => createDirectoryBlobStore({ directory }),
    countLeftovers: async () => (await staged(directory)).length,
    dispose: () => rm(directory, { recursive: true }),
  };
});

/** Puts a blob in another process that says when it has written half of it, and waits there. */
async function putHalf(directory: string): Promise<ChildProcess> {
  const script = `
    import { createDirectoryBlobStore } from "@anywire/engines/directory";
    const store = createDirectoryBlobStore({ directory: ${JSON.stringify(directory)} });
    await store.start();
    setInterval(() => {}, 1000);
    async function* half() {
      yield Buffer.alloc(100_000);
      console.log("half");
      await new Promise(() => {});
    }
    await store.put(${JSON.stringify(draft)}, half());`;
  const flags = ["--conditions=@anywire/source", "--input-type=module", "--eval", script];
  const child = spawn(process.execPath, flags, {
    cwd: PACKAGE,
    stdio: ["ignore", "pipe", "inherit"],
  });
  onTestFinished(() => void child.kill("SIGKILL"));
  for await (const line of createInterface(child.stdout)) if (line === "half") return child;
  throw new Error("the process ended before half of the blob was written");
}

test("a blob whose process is killed half-way is not there, and its remains are gone after the next start", async () => {
  const directory = await temporaryDirectory();
  const child = await putHalf(directory);
  const store = createDirectoryBlobStore({ directory });
  await store.start();
  // The other process lives: what it is writing must be left alone.
  expect(await staged(directory)).toHaveLength(1);
  await expect(store.head(draft)).rejects.toMatchObject({ code: "not_found" });

  child.kill("SIGKILL");
  await once(child, "exit");
  await store.close();
  const next = createDirectoryBlobStore({ directory });
  await next.start();
  expect(await staged(directory)).toEqual([]);
  await expect(next.head(draft)).rejects.toMatchObject({ code: "not_found" });
  await next.put(draft, whole("all of it"));
  await next.close();
});

test("remains that bear this process's own id are gone too: in a container every process has the same", async () => {
  const directory = await temporaryDirectory();
  const child = await putHalf(directory);
  child.kill("SIGKILL");
  await once(child, "exit");
  const [name = ""] = await staged(directory);
  const ours = name.replace(/-\d+-/, `-${process.pid}-`);
  await mkdir(join(directory, ".staging", ours));
  const store = createDirectoryBlobStore({ directory });
  await store.start();
  expect(await staged(directory)).toEqual([]);
  await store.close();
});

test("what another machine is writing is left alone for a day", async () => {
  const directory = await temporaryDirectory();
  const [fresh, old] = ["00000000-1-a", "00000000-1-b"].map((name) =>
    join(directory, ".staging", name),
  ) as [string, string];
  await mkdir(fresh, { recursive: true });
  await mkdir(old);
  const longAgo = Date.now() / 1000 - 90_000;
  await utimes(old, longAgo, longAgo);
  const store = createDirectoryBlobStore({ directory });
  await store.start();
  expect(await staged(directory)).toEqual(["00000000-1-a"]);
  await store.close();
});

test("a blob that was cut short on the disk is said to be damaged, not given in part", async () => {
  const directory = await temporaryDirectory();
  const store = createDirectoryBlobStore({ directory });
  await store.start();
  await store.put(draft, whole("all of it"));
  const place = join(directory, "production", "b1", "b1");
  expect(await readFile(join(place, "bytes"), "utf8")).toBe("all of it");
  await writeFile(join(place, "bytes"), "all");
  const damaged = { code: "storage_damaged" };
  await expect(readAll(await store.get(draft))).rejects.toMatchObject(damaged);
  await writeFile(join(place, "info.json"), "{");
  await expect(store.head(draft)).rejects.toMatchObject(damaged);
  await store.close();
});

test("a directory that cannot be made is said to be unavailable", async () => {
  const directory = await temporaryDirectory();
  await writeFile(join(directory, "file"), "");
  const store = createDirectoryBlobStore({ directory: join(directory, "file") });
  await expect(store.start()).rejects.toMatchObject({
    code: "unavailable",
    message: expect.stringContaining("check its permissions"),
  });
});

async function* whole(text: string): AsyncGenerator<Uint8Array> {
  yield Buffer.from(text);
}

async function readAll(stream: ReadableStream<Uint8Array>): Promise<string> {
  return new Response(stream).text();
}
