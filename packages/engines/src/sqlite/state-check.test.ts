import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import type { Log } from "@anywire/core";
import { afterEach, beforeEach, expect, test } from "vitest";
import { createSqliteEngine } from "./sqlite-log.ts";
import { checkSqliteState, rebuildSqliteState } from "./sqlite-maintenance.ts";

const OPENED = {
  type: "group",
  title: "A",
  avatarUrl: null,
  connection: null,
  history: "all",
  meta: {},
  participants: [{ address: "account:ann", role: "owner" }],
  isFixed: false,
};

let directory: string;
let log: Log;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "anywire-state-check-"));
  ({ log } = createSqliteEngine({ directory, synchronous: "off" }));
  await log.start();
});

afterEach(async () => {
  await log.close();
  await rm(directory, { recursive: true });
});

async function append(channel: string, kind: "opened" | "message" | "data"): Promise<number> {
  const dataJson = JSON.stringify(kind === "opened" ? OPENED : { text: "hello" });
  const id = `${kind}-${crypto.randomUUID()}`;
  const draft = { channel: `production.group.${channel}`, id, kind, sender: "account:ann" };
  return (await log.append({ ...draft, dataJson })).entry.offset;
}

function change(sql: string): void {
  const db = new DatabaseSync(join(directory, "anywire.db"));
  db.exec(sql);
  db.close();
}

test("an empty log has an empty state, which is as far as it", async () => {
  expect(await checkSqliteState(directory)).toEqual({ items: 0, offset: 0, head: 0 });
});

test("the state is as far as the log, also behind entries from which nothing follows", async () => {
  await append("unopened", "message");
  await append("a", "message");
  await append("a", "opened");
  await append("a", "message");
  const head = await append("a", "data");
  const found = await checkSqliteState(directory);
  expect(found).toEqual({ items: expect.any(Number), offset: head, head });
  expect(found.items).toBeGreaterThan(3);
});

test("a state from before the newest messages is as far as the channel that is furthest behind", async () => {
  const opened = await append("a", "opened");
  await append("b", "opened");
  change("CREATE TABLE kept AS SELECT * FROM state");
  await append("b", "message");
  await append("a", "message");
  const head = await append("b", "message");
  change("DELETE FROM state; INSERT INTO state SELECT * FROM kept");
  expect(await checkSqliteState(directory)).toMatchObject({ offset: opened, head });
  await rebuildSqliteState(directory);
  expect(await checkSqliteState(directory)).toMatchObject({ offset: head, head });
});

test.each([
  ["is missing", "DELETE FROM state"],
  ["is not JSON", "UPDATE state SET value = '{' WHERE sort = 'channel'"],
])("a state in which a channel %s ends before it was opened", async (_, sql) => {
  await append("a", "data");
  const head = await append("a", "opened");
  change(sql);
  expect(await checkSqliteState(directory)).toMatchObject({ offset: head - 1, head });
});

test("a state of a longer log is ahead", async () => {
  await append("a", "opened");
  const head = await append("a", "data");
  change("UPDATE state SET value = json_set(value, '$.changedOffset', 99) WHERE sort = 'channel'");
  expect(await checkSqliteState(directory)).toMatchObject({ offset: 99, head });
});
