import { mkdtemp, open, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { Worker } from "node:worker_threads";
import type { EntryDraft, Log } from "@anywire/core";
import { createEntryId } from "@anywire/types";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { createSqliteLog, type SqliteLogOptions } from "./sqlite-log.ts";
import { checkSqliteLog } from "./sqlite-maintenance.ts";

const ROOM = "production.group.room";
const ALL = { pattern: ">", limit: 10_000, order: "asc" } as const;

let directory: string;
let file: string;
let logs: Log[];

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "anywire-faults-"));
  file = join(directory, "anywire.db");
  logs = [];
});

afterEach(async () => {
  vi.restoreAllMocks();
  await Promise.all(logs.map((log) => log.close()));
  await rm(directory, { recursive: true });
});

function create(options: Partial<SqliteLogOptions> = {}): Log {
  const log = createSqliteLog({ directory, busyTimeoutMs: 100, ...options });
  logs.push(log);
  return log;
}

async function started(options: Partial<SqliteLogOptions> = {}): Promise<Log> {
  const log = create(options);
  await log.start();
  return log;
}

function draft(dataJson = "{}"): EntryDraft {
  return { channel: ROOM, id: createEntryId(), kind: "data", sender: "account:ann", dataJson };
}

describe("starting a SQLite log", () => {
  it("creates the directory and the database", async () => {
    const log = await started({ directory: join(directory, "a", "b") });
    expect(log.epoch).toMatch(/^[0-9a-f-]{36}$/);
    expect(log.capabilities.isDurable).toBe(true);
  });

  it("creates one log when two nodes start in an empty directory at once", async () => {
    const [a, b] = await Promise.all([started(), started()]);
    expect(a?.epoch).toBe(b?.epoch);
  });

  it("refuses a file that is no database, and leaves it as it is", async () => {
    await writeFile(file, "these are my notes, please keep them ".repeat(100));
    await expect(create().start()).rejects.toMatchObject({
      code: "storage_damaged",
      message: expect.stringContaining("is not a database"),
    });
  });

  it("refuses another program's database, and leaves it as it is", async () => {
    const other = new DatabaseSync(file);
    other.exec("CREATE TABLE notes (text TEXT); PRAGMA user_version = 1");
    await expect(create().start()).rejects.toMatchObject({
      code: "storage_damaged",
      message: expect.stringContaining("another program"),
    });
    expect(other.prepare("PRAGMA journal_mode").get()).toEqual({ journal_mode: "delete" });
    other.close();
  });

  it("refuses a database that a newer version wrote, and says what to do", async () => {
    await (await started()).close();
    execute("PRAGMA user_version = 999");
    await expect(create().start()).rejects.toMatchObject({
      code: "unsupported",
      message: expect.stringMatching(/newer Anywire \(schema 999.*upgrade/),
    });
  });

  it("refuses a directory that cannot be one", async () => {
    await writeFile(join(directory, "file"), "");
    const log = create({ directory: join(directory, "file", "data") });
    await expect(log.start()).rejects.toMatchObject({ code: "unavailable" });
  });

  it("says that the database is locked when another process keeps it for itself", async () => {
    await (await started()).close();
    const other = new DatabaseSync(file);
    other.exec("PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE");
    await expect(create().start()).rejects.toMatchObject({
      code: "unavailable",
      message: expect.stringContaining("locked by another process"),
    });
    other.close();
  });
});

describe("a running SQLite log", () => {
  it("rejects appends while another process holds the lock, then works on", async () => {
    const log = await started();
    const other = new DatabaseSync(file);
    other.exec("BEGIN IMMEDIATE");
    const appends = await Promise.allSettled([log.append(draft()), log.append(draft())]);
    expect(appends).toMatchObject([
      { status: "rejected", reason: { code: "unavailable" } },
      { status: "rejected", reason: { code: "unavailable" } },
    ]);
    other.close();
    await expect(log.append(draft())).resolves.toMatchObject({ isNew: true });
  });

  it("rejects what does not fit when it is full, still reads, and works on when there is room", async () => {
    const log = await started({ maxBytes: 400_000 });
    const kept: number[] = [];
    const big = JSON.stringify("x".repeat(20_000));
    const fill = async (): Promise<void> => {
      for (;;) kept.push((await log.append(draft(big))).entry.offset);
    };
    await expect(fill()).rejects.toMatchObject({ code: "storage_full" });
    expect(kept.length).toBeGreaterThan(5);
    expect((await log.read(ALL)).entries.map(({ offset }) => offset)).toEqual(kept);
    const mixed = await Promise.allSettled([log.append(draft(big)), log.append(draft("1"))]);
    expect(mixed).toMatchObject([
      { status: "rejected", reason: { code: "storage_full" } },
      { status: "fulfilled", value: { isNew: true } },
    ]);
    execute("DELETE FROM entries WHERE offset = 1");
    await expect(log.append(draft(big))).resolves.toMatchObject({ isNew: true });
  });

  it("rejects only the entry that cannot be stored among those of one commit", async () => {
    const log = await started();
    const tailed: number[] = [];
    log.tail((entry) => tailed.push(entry.offset));
    const good = Array.from({ length: 20 }, () => draft());
    const bad = { ...draft(), dataJson: null as unknown as string };
    const drafts = [...good.slice(0, 10), bad, ...good.slice(10)];
    const results = await Promise.allSettled(drafts.map((one) => log.append(one)));
    expect(results.map(({ status }) => status)).toEqual(
      drafts.map((one) => (one === bad ? "rejected" : "fulfilled")),
    );
    const { entries } = await log.read(ALL);
    expect(entries.map(({ id }) => id)).toEqual(good.map(({ id }) => id));
    expect(entries.map(({ offset }) => offset)).toEqual(good.map((_, i) => i + 1));
    expect(tailed).toEqual(entries.map(({ offset }) => offset));
    expect(entries.map(({ previousOffset }) => previousOffset)).toEqual(
      entries.map((_, i) => entries[i - 1]?.offset ?? 0),
    );
  });

  it("reports a damaged database, on reads and on writes", async () => {
    const log = await started();
    await Promise.all(Array.from({ length: 3_000 }, () => log.append(draft())));
    await log.close();
    await overwrite(file, 8_192, 40 * 4_096);
    const damaged = create();
    const use = async (): Promise<void> => {
      await damaged.start();
      await damaged.read(ALL);
    };
    await expect(use()).rejects.toMatchObject({
      code: "storage_damaged",
      message: expect.stringContaining("anywire restore"),
    });
  });

  it.each([
    ["writer", 0],
    ["reader", 1],
  ])("rejects everything when its %s thread dies, running and later", async (name, which) => {
    const log = await started();
    const post = vi.spyOn(Worker.prototype, "postMessage");
    await log.append(draft());
    await log.read(ALL);
    const thread = post.mock.contexts[which] as Worker;
    const ask = (): Promise<unknown> => (name === "writer" ? log.append(draft()) : log.read(ALL));
    const running = ask();
    const died = thread.terminate();
    const unavailable = { code: "unavailable", message: expect.stringContaining("died") };
    await Promise.allSettled([running, died]);
    await expect(ask()).rejects.toMatchObject(unavailable);
    const results = await Promise.allSettled([ask(), ask()]);
    for (const result of results) expect(result).toMatchObject({ reason: unavailable });
  });
});

describe("the indexes of a SQLite log", () => {
  it("find every entry and known id, whether indexed yet or not, also after a restart", async () => {
    const log = await started();
    const drafts = Array.from({ length: 4_500 }, (_, i) => ({
      ...draft(),
      channel: `production.group.room-${i % 7}`,
    }));
    await Promise.all(drafts.slice(0, 4_200).map((one) => log.append(one)));
    await Promise.all(drafts.slice(4_200).map((one) => log.append(one)));
    await log.close();
    const again = await started();
    const repeated = await Promise.all(drafts.map((one) => again.append(one)));
    expect(repeated.filter(({ isNew }) => isNew)).toEqual([]);
    for (let i = 0; i < 7; i += 1) {
      const { entries } = await again.read({ ...ALL, pattern: `production.group.room-${i}` });
      expect(entries.map(({ id }) => id)).toEqual(
        drafts.filter((_, d) => d % 7 === i).map(({ id }) => id),
      );
    }
    await again.close();
    expect(await checkSqliteLog(directory)).toMatchObject({ entries: 4_500, problems: [] });
  });
});

function execute(sql: string): void {
  const db = new DatabaseSync(file);
  db.exec(sql);
  db.close();
}

async function overwrite(path: string, from: number, bytes: number): Promise<void> {
  const handle = await open(path, "r+");
  await handle.write(Buffer.alloc(bytes, 0x5a), 0, bytes, from);
  await handle.close();
}
