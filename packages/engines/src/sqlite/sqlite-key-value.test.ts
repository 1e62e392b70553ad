import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { DatabaseSync } from "node:sqlite";
import { describeKeyValueStore } from "@anywire/testkit";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { createSqliteKeyValue } from "./sqlite-key-value.ts";

const PACKAGE = new URL("../..", import.meta.url);

let directory: string;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "anywire-kv-"));
});

afterEach(async () => {
  await rm(directory, { recursive: true });
});

describeKeyValueStore("sqlite", () => {
  return { createNode: () => createSqliteKeyValue({ directory, synchronous: "off" }) };
});

describe("a SQLite key-value store", () => {
  it("keeps every acknowledged addition of a process that is killed, and goes on", async () => {
    const { child, lines } = addForever();
    const kv = createSqliteKeyValue({ directory });
    await kv.start();
    await vi.waitFor(() => expect(lines.length).toBeGreaterThan(20), { timeout: 10_000 });
    for (let i = 0; i < 20; i += 1) await kv.add("n", 1);
    child.kill("SIGKILL");
    await once(child, "exit");
    const acknowledged = 20 + lines.length;
    const sum = await kv.add("n", 1);
    // What was under way when it was killed may have been kept.
    expect([acknowledged + 1, acknowledged + 2]).toContain(sum);
    await kv.close();
  });

  it("removes what is over with later writes", async () => {
    const kv = createSqliteKeyValue({ directory, synchronous: "off" });
    await kv.start();
    await Promise.all(Array.from({ length: 50 }, (_, i) => kv.set(`k-${i}`, "v", { ttlMs: 1 })));
    await vi.waitFor(async () => {
      await kv.set("kept", "v");
      const db = new DatabaseSync(join(directory, "kv.db"), { readOnly: true });
      expect(db.prepare("SELECT count(*) AS items FROM items").get()).toEqual({ items: 1 });
      db.close();
    });
    await kv.close();
  });

  it("refuses a file that is another program's or a newer Anywire's, and leaves it as it was", async () => {
    const file = join(directory, "kv.db");
    const change = (sql: string): void => {
      const db = new DatabaseSync(file);
      db.exec(sql);
      db.close();
    };
    change("CREATE TABLE other (x)");
    const start = () => createSqliteKeyValue({ directory }).start();
    await expect(start()).rejects.toMatchObject({ code: "storage_damaged" });
    await rm(file);
    const kv = createSqliteKeyValue({ directory });
    await kv.start();
    await kv.close();
    change("PRAGMA user_version = 99");
    await expect(start()).rejects.toMatchObject({ code: "unsupported" });
  });
});

/** Adds in another process, one after the other; a line for each that was acknowledged. */
function addForever(): { child: ChildProcess; lines: string[] } {
  const script = `
    import { createSqliteKeyValue } from "@anywire/engines/sqlite";
    const kv = createSqliteKeyValue({ directory: ${JSON.stringify(directory)} });
    await kv.start();
    for (;;) console.log(await kv.add("n", 1));`;
  const flags = ["--conditions=@anywire/source", "--input-type=module", "--eval", script];
  const child = spawn(process.execPath, flags, {
    cwd: PACKAGE,
    stdio: ["ignore", "pipe", "inherit"],
  });
  const lines: string[] = [];
  createInterface(child.stdout).on("line", (line) => lines.push(line));
  return { child, lines };
}
