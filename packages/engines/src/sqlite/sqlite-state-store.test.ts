import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { describeStateStore } from "@anywire/testkit";
import { expect, it } from "vitest";
import { withEngine } from "../../../../scripts/engines/with-engine.ts";
import { createSqliteEngine } from "./sqlite-log.ts";
import { rebuildSqliteState } from "./sqlite-maintenance.ts";

withEngine("sqlite", () => {
  describeStateStore("sqlite", async () => {
    const directory = await mkdtemp(join(tmpdir(), "anywire-state-"));
    return {
      createNode: () => createSqliteEngine({ directory, synchronous: "off", pollMs: 5 }),
      dispose: () => rm(directory, { recursive: true }),
    };
  });
});

it("takes up a database that was written before there was a state, or entries told what led to them", async () => {
  const directory = await mkdtemp(join(tmpdir(), "anywire-version-1-"));
  const open = async () => {
    const engine = createSqliteEngine({ directory, synchronous: "off" });
    await engine.log.start();
    await engine.state.start();
    return engine;
  };
  const say = { kind: "message", sender: "account:ann", dataJson: '{"text":"hello"}' } as const;
  const old = await open();
  await old.log.append({ ...say, channel: "production.group.old", id: "1" });
  await old.log.close();
  const db = new DatabaseSync(join(directory, "anywire.db"));
  db.exec(`
    DROP TABLE state;
    ALTER TABLE entries DROP COLUMN trace;
    DROP TABLE consumer_holders;
    ALTER TABLE consumers ADD COLUMN held_until INTEGER NOT NULL DEFAULT 0;
    PRAGMA user_version = 1;
  `);
  db.close();
  const { log, state } = await open();
  expect(await state.position()).toBe(1);
  const participants = [{ address: "account:ann", role: "owner" }];
  const texts = { title: null, avatarUrl: null, connection: null };
  const opened = {
    ...texts,
    type: "group",
    history: "all",
    meta: {},
    isFixed: false,
    participants,
  };
  const channel = "production.group.new";
  await log.append({ ...say, channel, id: "o", kind: "opened", dataJson: JSON.stringify(opened) });
  const trace = { id: "o", via: ["echo"] };
  await log.append({ ...say, channel, id: "1", trace });
  const { entries } = await log.read({ pattern: ">", limit: 10, order: "asc" });
  expect(entries.map((entry) => entry.trace)).toEqual([undefined, undefined, trace]);
  const { values } = await state.get([{ partition: channel, sort: "channel" }]);
  expect(values).toMatchObject([{ messages: 1 }]);
  expect(await rebuildSqliteState(directory, { verify: true })).toMatchObject({ isSame: true });
  await state.close();
  await log.close();
  await rm(directory, { recursive: true });
});

it("makes the state again while another node goes on appending, and misses nothing", async () => {
  const directory = await mkdtemp(join(tmpdir(), "anywire-rebuilding-"));
  const { log, state } = createSqliteEngine({ directory, synchronous: "off" });
  await log.start();
  await state.start();
  const participants = [{ address: "account:ann", role: "owner" }];
  const texts = { title: null, avatarUrl: null, connection: null };
  const opened = {
    ...texts,
    type: "group",
    history: "all",
    meta: {},
    isFixed: false,
    participants,
  };
  const shared = { channel: "production.group.busy", sender: "account:ann" } as const;
  await log.append({ ...shared, id: "o", kind: "opened", dataJson: JSON.stringify(opened) });
  let sent = 0;
  const say = async (count: number): Promise<void> => {
    const ids = Array.from({ length: count }, () => `m-${sent++}`);
    const drafts = ids.map((id) => {
      return { ...shared, id, kind: "message", dataJson: '{"text":"x"}' } as const;
    });
    await Promise.all(drafts.map((draft) => log.append(draft)));
  };
  await say(6_000);
  let isRebuilding = true;
  const rebuilding = state.rebuild().finally(() => {
    isRebuilding = false;
  });
  while (isRebuilding) await say(20);
  await rebuilding;
  await say(5);
  const { values } = await state.get([{ partition: shared.channel, sort: "channel" }]);
  expect(values).toMatchObject([{ messages: sent }]);
  expect(await rebuildSqliteState(directory, { verify: true })).toMatchObject({ isSame: true });
  await state.close();
  await log.close();
  await rm(directory, { recursive: true });
});
