import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Log, LogEntry } from "@anywire/core";
import { createEntryId } from "@anywire/types";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { createSqliteLog } from "./sqlite-log.ts";

const PACKAGE = new URL("../..", import.meta.url);
const ALL = { pattern: ">", limit: 10_000, order: "asc" } as const;

let directory: string;
let log: Log;
let children: ChildProcess[];

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "anywire-processes-"));
  log = createSqliteLog({ directory, leaseMs: 300 });
  children = [];
  await log.start();
});

afterEach(async () => {
  await Promise.all(children.map(kill));
  await log.close();
  await rm(directory, { recursive: true });
});

/** Runs code in another process, where `log` is a started log in the same directory; gives its lines. */
function run(code: string): { child: ChildProcess; lines: string[] } {
  const script = `
    import { createSqliteLog } from "@anywire/engines/sqlite";
    const log = createSqliteLog({ directory: ${JSON.stringify(directory)}, leaseMs: 300 });
    await log.start();
    const append = async (id, channel = "production.group.child") =>
      (await log.append({ channel, id, kind: "data", sender: "account:ann", dataJson: "1" })).entry;
    ${code}`;
  const flags = ["--conditions=@anywire/source", "--input-type=module", "--eval", script];
  const child = spawn(process.execPath, flags, {
    cwd: PACKAGE,
    stdio: ["ignore", "pipe", "inherit"],
  });
  children.push(child);
  const lines: string[] = [];
  if (child.stdout !== null) createInterface(child.stdout).on("line", (line) => lines.push(line));
  return { child, lines };
}

async function kill(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill("SIGKILL");
  await once(child, "exit");
}

function draft(channel: string): Parameters<Log["append"]>[0] {
  return { channel, id: createEntryId(), kind: "data", sender: "account:bob", dataJson: "2" };
}

describe("a SQLite log in several processes", () => {
  it("tails the entries of all of them, in the order of the log", async () => {
    const tailed: LogEntry[] = [];
    log.tail((entry) => tailed.push(entry));
    const { child } = run(`
      for (let i = 0; i < 200; i += 10)
        await Promise.all(Array.from({ length: 10 }, (_, j) => append("c-" + (i + j))));
      await log.close();`);
    const exited = once(child, "exit");
    let isDone = false;
    exited.then(
      () => {
        isDone = true;
      },
      () => {},
    );
    while (!isDone) await log.append(draft("production.group.parent"));
    const { entries } = await log.read(ALL);
    await vi.waitFor(() => expect(tailed).toHaveLength(entries.length));
    expect(tailed).toEqual(entries);
    expect(entries.filter(({ channel }) => channel.endsWith("child"))).toHaveLength(200);
  });

  it("keeps every acknowledged entry, once and in order, when one is killed", async () => {
    const { child, lines } = run(`
      let i = 0;
      const publish = async (channel) => {
        for (;;) {
          const id = "c-" + (i += 1);
          await append(id, "production.group.child-" + channel);
          console.log(id);
        }
      };
      for (let n = 0; n < 20; n += 1) void publish(n);`);
    await vi.waitFor(() => expect(lines.length).toBeGreaterThan(500), { timeout: 10_000 });
    await kill(child);
    const { entries } = await log.read(ALL);
    const ids = entries.map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    expect(lines.filter((id) => !ids.includes(id))).toEqual([]);
    const { entry } = await log.append(draft("production.group.child-0"));
    const last = entries.findLast(({ channel }) => channel === entry.channel);
    expect(entry.previousOffset).toBe(last?.offset);
  });

  it("takes a consumer over from a process that was killed, with what it had not finished", async () => {
    const { child, lines } = run(`
      await log.consume({ name: "worker", pattern: ">" }, async (entry) => {
        console.log(entry.id);
        if (entry.id === "second") await new Promise(() => {});
      });
      await append("first");
      await append("second");
      setInterval(() => {}, 1000);`);
    await vi.waitFor(() => expect(lines).toEqual(["first", "second"]), { timeout: 10_000 });
    const handled: string[] = [];
    const consumer = await log.consume({ name: "worker", pattern: ">" }, async (entry) => {
      handled.push(entry.id);
    });
    // The other works still, so that this one only stands by; it saves its position within a moment.
    await vi.waitFor(async () => expect(await consumer.position()).toBe(1));
    expect(handled).toEqual([]);
    await kill(child);
    await vi.waitFor(() => expect(handled).toEqual(["second"]), { timeout: 5_000 });
  });
});
