import { open, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { expect, it } from "vitest";
import { connectRaw } from "./support/raw-client.ts";
import { startTestServer } from "./support/start-test-server.ts";
import { temporaryDirectory } from "./support/temporary-directory.ts";

const CHANNEL = "production.group.lobby";
const FILE = "anywire.db";

function startOn(directory: string) {
  return startTestServer({ engine: "embedded", data: { directory } });
}

it("a file that is no database is refused at the start, with what to do, and stays as it is", async () => {
  const directory = await temporaryDirectory();
  await writeFile(join(directory, FILE), "these are notes, not a database ".repeat(200));
  await expect(startOn(directory)).rejects.toMatchObject({
    code: "storage_damaged",
    message: expect.stringContaining("is not a database: move it away, or restore a backup"),
  });
  expect(await readdir(directory)).toEqual([FILE]);
});

it("a database that is damaged is told on every read, and the server lives on", async () => {
  const directory = await temporaryDirectory();
  const first = await startOn(directory);
  const writer = await connectRaw(first);
  const data = "x".repeat(1000);
  const publishes = Array.from({ length: 200 }, () => ({ publish: { channel: CHANNEL, data } }));
  for (let i = 0; i < 5; i += 1) await writer.requestAll(publishes);
  await first.close();
  await overwrite(join(directory, FILE), 64 * 1024, 512 * 1024);

  const second = await startOn(directory);
  const reader = await connectRaw(second);
  const { error } = await reader.request({ history: { channel: CHANNEL, limit: -1 } });
  expect(error).toEqual({
    code: 508,
    message: expect.stringContaining("is damaged: restore a backup with `anywire restore`"),
  });
  expect(await reader.request({ ping: {} })).toMatchObject({ ping: {} });
});

it("a database that another program has locked refuses to be written, until it lets go", async () => {
  const directory = await temporaryDirectory();
  const server = await startOn(directory);
  const client = await connectRaw(server);
  // A server that has just started still writes where its consumers are.
  const other = new DatabaseSync(join(directory, FILE), { timeout: 5_000 });
  other.exec("BEGIN IMMEDIATE");
  const publish = { publish: { channel: CHANNEL, data: "hello" } };
  expect((await client.request(publish)).error).toEqual({
    code: 503,
    message: expect.stringContaining("is locked by another process"),
    temporary: true,
  });
  expect(await client.request({ history: { channel: CHANNEL, limit: 1 } })).toMatchObject({
    history: { publications: [] },
  });
  other.close();
  expect(await client.request(publish)).toMatchObject({ publish: {} });
});

async function overwrite(path: string, from: number, bytes: number): Promise<void> {
  const file = await open(path, "r+");
  await file.write(Buffer.alloc(bytes, 0x5a), 0, bytes, from);
  await file.close();
}
