import { mkdtemp, readFile, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { configSchema } from "../config/config.ts";
import { loadEncryptionKey } from "./encryption-key.ts";

async function emptyDirectory(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), "anywire-key-"));
  onTestFinished(() => rm(directory, { recursive: true }));
  return directory;
}

test("a server of one machine makes a key that only its owner can read, and keeps it", async () => {
  const directory = await emptyDirectory();
  const config = configSchema.parse({ data: { directory } });
  const key = await loadEncryptionKey(config);
  const file = join(directory, "connections.key");
  expect(key).toMatch(/^[\w-]{43}$/);
  expect(await readFile(file, "utf8")).toBe(`${key}\n`);
  expect((await stat(file)).mode & 0o077).toBe(0);
  expect(await loadEncryptionKey(config)).toBe(key);
});

test("a key that is configured is taken; a cluster has none of its own, and in memory each start has another", async () => {
  const encryptionKey = "k".repeat(32);
  const load = (config: object) => loadEncryptionKey(configSchema.parse(config));
  expect(await load({ connectors: { encryptionKey } })).toBe(encryptionKey);
  expect(await load({ engine: "cluster" })).toBeUndefined();
  expect(await load({ engine: "memory" })).not.toBe(await load({ engine: "memory" }));
});

test("a key that can't be read is no reason to make another", async () => {
  const directory = await emptyDirectory();
  const config = configSchema.parse({ data: { directory: join(directory, "connections.key") } });
  await loadEncryptionKey(config);
  const under = configSchema.parse({
    data: { directory: join(directory, "connections.key", "connections.key") },
  });
  await expect(loadEncryptionKey(under)).rejects.toMatchObject({ code: "unavailable" });
});
