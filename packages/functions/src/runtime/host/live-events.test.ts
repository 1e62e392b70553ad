import type { Listening, Log, LogEntry, PresenceWatcher } from "@anywire/core";
import { createMemoryLog } from "@anywire/engines/memory";
import type { AnywireError } from "@anywire/types";
import { afterEach, beforeEach, expect, test } from "vitest";
import { afterPresence, afterSignal } from "../../index.ts";
import { Deployed } from "./deployed.ts";
import { FunctionTable } from "./function-table.ts";
import { InlinePools } from "./inline-pool.fixture.ts";
import { eventChannel, LiveEvents } from "./live-events.ts";

const ROOM = "production.group.room";

let log: Log;
let watchers: PresenceWatcher[];
let errors: AnywireError[];
let live: LiveEvents;

beforeEach(async () => {
  log = createMemoryLog();
  await log.start();
  watchers = [];
  errors = [];
  const pools = new InlinePools();
  const revision = pools.revision("r", {
    seen: afterPresence("*.group.*", () => {}),
    heard: afterSignal("*.group.*", () => {}),
  });
  const pool = await pools.create({ revision } as never);
  const deployment = { active: revision, disabled: ["seen"], since: {} };
  const presence = {
    watch(watcher: PresenceWatcher): Listening {
      watchers.push(watcher);
      const stop = (): void => void watchers.splice(watchers.indexOf(watcher), 1);
      return { hearsAll: true, follow: async () => () => {}, stop };
    },
  };
  const deployed = new Deployed(new FunctionTable(deployment, () => pool));
  live = new LiveEvents({ log, presence, deployed, onError: (error) => errors.push(error) });
  live.start();
});

afterEach(() => log.close());

async function kept(): Promise<readonly LogEntry[]> {
  return (await log.read({ pattern: ">", limit: 100, order: "asc" })).entries;
}

const member = { client: "c1", user: "bob" };

test("one whose node died is kept as having left, by the node that took it off; of others nothing is heard", async () => {
  for (const watcher of watchers) {
    watcher.onEvent({ type: "leave", channel: ROOM, member });
    watcher.onEvent({ type: "join", channel: ROOM, member });
    watcher.onEvent({ type: "signal", channel: ROOM, member, kind: "typing", dataJson: "1" });
    watcher.onEvent({ type: "leave", channel: ROOM, member, isOrphan: true });
    watcher.onEvent({ type: "leave", channel: "production.sms.1", member, isOrphan: true });
  }
  await live.close();
  expect(watchers).toEqual([]);
  const entries = await kept();
  expect(entries).toMatchObject([
    {
      ...{ channel: eventChannel(ROOM), kind: "presence", sender: "account:bob" },
      client: "c1",
    },
  ]);
  expect(JSON.parse(entries[0]?.dataJson ?? "")).toEqual({
    ...{ channel: ROOM, action: "leave", accountId: "bob", client: "c1" },
  });
});

test("what happens on one channel is kept in its order", async () => {
  const told: unknown[] = [];
  for (let i = 0; i < 20; i += 1) {
    told.push(live.afterSignal({ channel: ROOM, member, kind: "typing", dataJson: `${i}` }));
  }
  await Promise.all(told);
  const data = (await kept()).map(
    ({ dataJson }) => (JSON.parse(dataJson) as { data: number }).data,
  );
  expect(data).toEqual(Array.from({ length: 20 }, (_, i) => i));
});

test("where no function waits nothing is done, at once", () => {
  const signal = { channel: "production.sms.1", member, kind: "typing", dataJson: "1" };
  expect(live.afterSignal(signal)).toBeUndefined();
});

test("what cannot be kept is told, to who asked or, of an orphan, to whom it concerns", async () => {
  await log.close();
  const gone = { action: "leave", channel: ROOM, accountId: "bob", client: "c1" } as const;
  await expect(live.onPresence(gone)).rejects.toMatchObject({ code: "unavailable" });
  watchers[0]?.onEvent({ type: "leave", channel: ROOM, member, isOrphan: true });
  await live.close();
  expect(errors.map(({ code }) => code)).toEqual(["unavailable"]);
});
