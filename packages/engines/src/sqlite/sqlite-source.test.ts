import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { createSqliteKeyValue } from "./sqlite-key-value.ts";
import { createSqliteEngine } from "./sqlite-log.ts";
import { openSqliteSource, type SqliteSource } from "./sqlite-source.ts";

let directory: string;
let open: { close(): Promise<void> }[];

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "anywire-source-"));
  open = [];
});

afterEach(async () => {
  for (const one of open.reverse()) await one.close();
  await rm(directory, { recursive: true });
});

async function startEngine() {
  const engine = createSqliteEngine({ directory, synchronous: "off", busyTimeoutMs: 50 });
  await engine.log.start();
  open.push(engine.log);
  return engine;
}

async function fill(): Promise<void> {
  const { log } = await startEngine();
  const draft = { channel: "production.group.a", kind: "data", sender: "account:ann" } as const;
  for (const id of ["1", "2", "3"]) await log.append({ ...draft, id, dataJson: `"ü${id}"` });
  await log.close();
}

async function openSource(): Promise<SqliteSource> {
  const source = await openSqliteSource(directory);
  open.push(source);
  return source;
}

function change(sql: string): void {
  const db = new DatabaseSync(join(directory, "anywire.db"));
  db.exec(sql);
  db.close();
}

test("a source tells what it holds, and gives its entries", async () => {
  await fill();
  const source = await openSource();
  expect(source).toMatchObject({ entries: 3, largestBytes: 5, consumers: [] });
  const { entries } = await source.log.read({ pattern: ">", limit: 10, order: "asc" });
  expect(entries.map(({ offset, dataJson }) => [offset, dataJson])).toEqual([
    [1, '"ü1"'],
    [2, '"ü2"'],
    [3, '"ü3"'],
  ]);
  expect(await source.state.dump(undefined, 10)).toEqual([]);
  expect(source.keyValues.list("", 10)).toEqual([]);
  await source.close();
  const { log } = await startEngine();
  expect(log.epoch).toBe(source.epoch);
});

test("it gives keys that are not over, and when each will be", async () => {
  await fill();
  const kv = createSqliteKeyValue({ directory, synchronous: "off" });
  await kv.start();
  await kv.set("b", "for ever");
  await kv.set("a", "for a while", { ttlMs: 60_000 });
  await kv.close();
  const db = new DatabaseSync(join(directory, "kv.db"));
  db.exec("INSERT INTO items VALUES ('c', 'over', 9, 1)");
  db.close();
  const { keyValues } = await openSource();
  expect(keyValues.count()).toBe(2);
  const [a, b] = keyValues.list("", 10);
  expect(b).toEqual({ key: "b", value: "for ever", expiresAt: null });
  expect(a?.expiresAt).toBeGreaterThan(Date.now());
  expect(keyValues.list("", 1)).toEqual([a]);
  expect(keyValues.list("a", 10)).toEqual([b]);
  expect([keyValues.get("a"), keyValues.get("c")]).toEqual([a, undefined]);
});

test("it gives how far each consumer is, what it has to try again and what it gave up", async () => {
  await fill();
  const { log } = await startEngine();
  const draft = { channel: "production.group.b", kind: "data", sender: "account:ann" } as const;
  await log.append({ ...draft, id: "4", dataJson: "4" });
  const failing = await log.consume({ name: "w", pattern: ">", maxAttempts: 1 }, async ({ id }) => {
    if (id === "4") throw new Error("broken");
  });
  await vi.waitFor(async () => expect(await failing.deadLetters(0, 1)).toHaveLength(1));
  await failing.close();
  await log.append({ ...draft, id: "5", dataJson: "5" });
  const options = { name: "w", pattern: ">", minBackoffMs: 60_000 };
  let tries = 0;
  const waiting = await log.consume(options, async () => {
    tries += 1;
    throw new Error("not yet");
  });
  await vi.waitFor(() => expect(tries).toBe(1));
  await waiting.close();
  await log.close();
  const source = await openSource();
  expect(source.consumers).toEqual(["w"]);
  const { position, parked, givenUp } = source.consumer("w");
  expect(position).toBe(5);
  expect(parked).toMatchObject([{ channel: draft.channel, from: 5, attempts: 1 }]);
  expect(parked[0]?.dueAt).toBeGreaterThan(Date.now());
  expect(givenUp).toEqual([{ offset: 4, attempts: 1, error: "broken", at: expect.any(Number) }]);
});

test("it is refused while a server has the directory open", async () => {
  await fill();
  const { log } = await startEngine();
  await expect(openSource()).rejects.toMatchObject({
    code: "unavailable",
    message: expect.stringContaining("stop the server"),
  });
  await log.close();
  await openSource();
});

test("while it is open no server can start, and nobody opens it a second time", async () => {
  await fill();
  const source = await openSource();
  await expect(startEngine()).rejects.toMatchObject({ code: "unavailable" });
  await expect(openSource()).rejects.toMatchObject({ code: "unavailable" });
  await source.close();
  await startEngine();
});

test("without a log, with a damaged one or with one that lacks entries it is refused", async () => {
  await expect(openSource()).rejects.toMatchObject({ code: "not_found" });
  await fill();
  change("DELETE FROM entries WHERE offset = 2");
  await expect(openSource()).rejects.toMatchObject({
    code: "storage_damaged",
    message: expect.stringContaining("2 entries for 3 offsets"),
  });
  await writeFile(join(directory, "anywire.db"), "this is no database, whatever its name says");
  await expect(openSource()).rejects.toMatchObject({ code: "storage_damaged" });
});
