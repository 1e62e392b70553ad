import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { createSqliteKeyValue, createSqliteLog } from "@anywire/engines/sqlite";
import { createEntryId } from "@anywire/types";
import { afterEach, beforeEach, expect, test } from "vitest";
import { startCli } from "./start-cli.fixture.ts";

let directory: string;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "anywire-backup-"));
});

afterEach(() => rm(directory, { recursive: true }));

async function run(args: readonly string[]): Promise<{ code: number; out: string; err: string }> {
  const environment = { ANYWIRE_HTTP_PORT: "0" };
  const started = startCli(args, { directory, environment });
  const code = await started.exitCode;
  return { code, out: started.out.join("\n"), err: started.err.join("\n") };
}

/** Stores a message and tells all texts that are stored then. */
async function say(data: string, text: string): Promise<string[]> {
  const log = createSqliteLog({ directory: data });
  await log.start();
  const draft = { channel: "production.group.a", kind: "data", sender: "account:bob" } as const;
  await log.append({ ...draft, id: createEntryId(), dataJson: JSON.stringify(text) });
  const { entries } = await log.read({ pattern: ">", limit: 10, order: "asc" });
  await log.close();
  return entries.map(({ dataJson }) => JSON.parse(dataJson));
}

/** Has a key remember a value, and tells what it was before. */
async function remember(data: string, value: string): Promise<string | undefined> {
  const kv = createSqliteKeyValue({ directory: data });
  await kv.start();
  const before = await kv.get("key");
  await kv.set("key", value);
  await kv.close();
  return before?.value;
}

test("a backup brings back the log as it was, and replaces another only by force", async () => {
  const data = join(directory, "data");
  await say(data, "one");
  const backup = await run(["backup", "b.db", "--data", data]);
  expect([backup.code, backup.err]).toEqual([0, ""]);
  expect(backup.out).toBe(
    `The log of ${data} is in ${join(directory, "b.db")}, and so is what functions remember (keys: 0).`,
  );
  expect(await say(data, "two")).toEqual(["one", "two"]);

  const refused = await run(["restore", "b.db", "--data", data]);
  expect([refused.code, refused.err]).toEqual([
    1,
    expect.stringMatching(/exists already.*--force/),
  ]);
  expect((await run(["restore", "b.db", "--data", data, "--force"])).code).toBe(0);
  expect(await say(data, "three")).toEqual(["one", "three"]);

  const other = join(directory, "other");
  const restored = await run(["restore", "b.db", "--data", other, "--json"]);
  expect([restored.code, JSON.parse(restored.out)]).toEqual([0, { directory: other, keys: 0 }]);
  expect(await say(other, "four")).toEqual(["one", "four"]);
});

test("a backup brings back what functions remembered, and says so when it has none of it", async () => {
  const [data, file] = [join(directory, "data"), join(directory, "b.db")];
  await say(data, "one");
  await remember(data, "then");
  const backup = await run(["backup", "b.db", "--data", data, "--json"]);
  expect([backup.code, JSON.parse(backup.out)]).toEqual([0, { file, keys: 1 }]);
  await remember(data, "later");
  const restored = await run(["restore", "b.db", "--data", data, "--force"]);
  expect(restored.out).toBe(
    `The log in ${data} is that of ${file}, and so is what functions remember (keys: 1).`,
  );
  expect(await remember(data, "now")).toBe("then");

  const db = new DatabaseSync(file);
  db.exec("DROP TABLE backup_key_values; DROP TABLE backup_key_value_totals");
  db.close();
  const older = await run(["restore", "b.db", "--data", data, "--force"]);
  expect(older.out).toMatch(/older Anywire made it, without what functions remember/);
  expect(await remember(data, "now")).toBeUndefined();
});

test("a backup overwrites nothing, and there must be something to back up", async () => {
  const none = await run(["backup", "b.db", "--data", join(directory, "none")]);
  expect([none.code, none.err]).toEqual([1, expect.stringMatching(/there is no .*anywire.db/)]);
  await say(directory, "one");
  await writeFile(join(directory, "taken"), "precious");
  const taken = await run(["backup", "taken", "--data", directory]);
  expect([taken.code, taken.err]).toEqual([1, expect.stringMatching(/taken exists already/)]);
});

test("the memory engine has no log to back up", async () => {
  const run = startCli(["backup", "b.db"], {
    directory,
    environment: { ANYWIRE_ENGINE: "memory" },
  });
  expect([await run.exitCode, run.err.join()]).toEqual([
    2,
    expect.stringMatching(/engine is memory/),
  ]);
  expect(await readdir(directory)).toEqual([]);
});

test("doctor finds a whole database whole and a damaged one damaged", async () => {
  const keys = await run(["keys", "add", "--data", directory]);
  expect(keys.code).toBe(0);
  expect((await run(["doctor", "--data", directory])).out).toMatch(/✓ database {2}none yet/);
  await say(directory, "one");
  const whole = await run(["doctor", "--data", directory]);
  expect([whole.code, whole.out]).toEqual([
    0,
    expect.stringMatching(/✓ database {2}undamaged; entries: 1, channels: 1/),
  ]);
  await writeFile(join(directory, "anywire.db"), "this is no database, whatever its name says");
  const damaged = await run(["doctor", "--data", directory]);
  expect([damaged.code, damaged.out]).toEqual([
    1,
    expect.stringMatching(/✗ database {2}.*anywire restore/),
  ]);
});
