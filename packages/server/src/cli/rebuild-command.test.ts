import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { createSqliteEngine } from "@anywire/engines/sqlite";
import { afterEach, beforeEach, expect, test } from "vitest";
import { startCli } from "./start-cli.fixture.ts";

/** More than a page of the rebuild. */
const MESSAGES = 4_200;

let directory: string;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "anywire-rebuild-"));
});

afterEach(() => rm(directory, { recursive: true }));

/** A log with a channel and its messages. */
async function fill(): Promise<void> {
  const { log } = createSqliteEngine({ directory: join(directory, "data"), synchronous: "off" });
  await log.start();
  const shared = { channel: "production.group.a", sender: "account:ann" } as const;
  const opened = {
    type: "group",
    title: "A",
    avatarUrl: null,
    connection: null,
    history: "all",
    meta: {},
    participants: [{ address: "account:ann", role: "owner" }],
    isFixed: false,
  };
  await log.append({ ...shared, id: "opened", kind: "opened", dataJson: JSON.stringify(opened) });
  const drafts = Array.from({ length: MESSAGES }, (_, i) => {
    return { ...shared, id: `m-${i}`, kind: "message", dataJson: `{"text":"${i}"}` } as const;
  });
  await Promise.all(drafts.map((draft) => log.append(draft)));
  await log.close();
}

async function run(...args: string[]): Promise<{ code: number; out: string; err: string }> {
  const environment = { ANYWIRE_HTTP_PORT: "0" };
  const command = ["rebuild", "state", "--data", join(directory, "data"), ...args];
  const started = startCli(command, { directory, environment });
  const code = await started.exitCode;
  return { code, out: started.out.join("\n"), err: started.err.join("\n") };
}

function damage(sql: string): void {
  const db = new DatabaseSync(join(directory, "data", "anywire.db"));
  db.exec(sql);
  db.close();
}

test("a state that is what follows from the log is found to be so, byte for byte", async () => {
  await fill();
  const { code, out } = await run("--verify");
  expect(code).toBe(0);
  expect(out).toMatch(
    /^The state is what follows from the log: 4201 entries, 8403 items, .* entries a second\.\nSHA-256 of what follows: [0-9a-f]{64}$/,
  );
});

test("a state that was damaged is found out, left alone by --verify, and made again without", async () => {
  await fill();
  damage(
    "DELETE FROM state WHERE sort = 'm:m-7'; UPDATE state SET value = '{}' WHERE sort = 'channel'",
  );
  const found = await run("--verify");
  expect([found.code, found.err]).toEqual([1, expect.stringContaining("run it without --verify")]);
  const { code, out, err } = await run();
  expect([code, out]).toEqual([0, expect.stringMatching(/^The state is made again: 4201 entries/)]);
  expect(err).toMatch(/^\d+ % {2}\d+ of about 4201 entries, \d+ a second/);
  const after = JSON.parse((await run("--verify", "--json")).out);
  expect(after).toMatchObject({ entries: 4201, items: 8_403, isSame: true });
});

test("without a log it says so", async () => {
  const empty = join(directory, "empty");
  const { code, err } = await run("--data", empty);
  expect([code, err]).toEqual([1, expect.stringContaining("there is no")]);
});
