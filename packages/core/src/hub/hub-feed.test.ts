import { QUIET_TYPES } from "@anywire/types";
import { expect, test } from "vitest";
import type { LogEntry } from "../ports/log.ts";
import type { ChannelFeed } from "./channel-feed.ts";
import { LOBBY, setUp } from "./hub-setup.fixture.ts";

const BOB = "p.notification.bob";

function entryOf(offset: number): LogEntry {
  const fixed = { id: `e-${offset}`, kind: "data", sender: "account:ann", dataJson: "{}" } as const;
  return { ...fixed, channel: BOB, offset, previousOffset: 0, at: 1, timetoken: "1" };
}

/** A feed that writes down what it is asked for. */
class RecordingFeed implements ChannelFeed {
  readonly calls: string[] = [];

  async open(channel: string): Promise<number> {
    this.calls.push(`open ${channel}`);
    return 10;
  }

  close(channel: string): void {
    this.calls.push(`close ${channel}`);
  }

  async read(channel: string, after: number) {
    this.calls.push(`read ${channel} ${after}`);
    const entries = [entryOf(7), entryOf(9)].filter(({ offset }) => offset > after);
    return { entries, hasMore: false };
  }
}

test("a notification channel is what its feed tells, not what the log holds", async () => {
  const feed = new RecordingFeed();
  const { hub, say, subscriber } = await setUp({ feed });
  const bob = subscriber();
  expect(await bob.subscribe(BOB)).toMatchObject({ offset: 10 });
  await say(BOB);
  hub.take(entryOf(12));
  await Promise.resolve();
  expect(bob.offsets).toEqual([12]);
  expect(feed.calls).toEqual([`open ${BOB}`]);
});

test("what was missed of a notification channel comes from its feed, and then what it tells", async () => {
  const feed = new RecordingFeed();
  const { log, hub, subscriber } = await setUp({ feed });
  const bob = subscriber();
  const recoverFrom = { offset: 5, epoch: log.epoch };
  expect(await bob.subscribe(BOB, { recoverFrom })).toMatchObject({ isRecovered: true });
  hub.take(entryOf(12));
  await Promise.resolve();
  expect(bob.offsets).toEqual([7, 9, 12]);
});

test("a feed is closed when its channel is forgotten, not while it is kept for those who come back", async () => {
  const feed = new RecordingFeed();
  const { hub, subscriber } = await setUp({ feed, idleTopics: 1 });
  const bob = await subscriber().subscribe(BOB);
  hub.unsubscribe(bob.subscription);
  expect(feed.calls).toEqual([`open ${BOB}`]);
  hub.unsubscribe((await subscriber().subscribe(LOBBY)).subscription);
  expect(feed.calls).toEqual([`open ${BOB}`, `close ${BOB}`]);
});

test.each(QUIET_TYPES)(
  "a pattern covers channels of type %s only when it names it",
  async (type) => {
    const { log, say, subscriber } = await setUp();
    const [wide, exact] = [subscriber(), subscriber()];
    await wide.subscribe("p.>");
    await exact.subscribe(`p.${type}.*`);
    const { offset } = await say(`p.${type}.bob`);
    await say(LOBBY);
    expect(wide.offsets).toEqual([offset + 1]);
    expect(exact.offsets).toEqual([offset]);
    const late = subscriber();
    await late.subscribe("p.>", { recoverFrom: { offset: 0, epoch: log.epoch } });
    expect(late.offsets).toEqual([offset + 1]);
    // Nobody has subscribed to this one before: it is read from the log.
    const later = subscriber();
    await later.subscribe("p.*.*", { recoverFrom: { offset: 0, epoch: log.epoch } });
    expect(later.offsets).toEqual([offset + 1]);
  },
);

test("what the server says of itself is told to those who subscribe to its channel by name", async () => {
  const { say, subscriber } = await setUp();
  const watcher = subscriber();
  await watcher.subscribe("p.system.functions");
  const { offset } = await say("p.system.functions");
  expect(watcher.offsets).toEqual([offset]);
});

test("those who come back are not told what a message said that was deleted meanwhile, nor its edits", async () => {
  const { log, memory, subscriber } = await setUp();
  const sender = "account:bob";
  await subscriber().subscribe(LOBBY);
  await subscriber().subscribe("p.group.*");
  const message = { channel: LOBBY, sender, id: "m", kind: "message", dataJson: '{"text":"oh"}' };
  const opened = {
    ...{ type: "group", title: null, avatarUrl: null, connection: null, history: "all" },
    ...{ meta: {}, isFixed: false, participants: [{ address: sender, role: "owner" }] },
  };
  const drafts = [
    { ...message, id: "opened", kind: "opened", dataJson: JSON.stringify(opened) },
    message,
    { ...message, id: "e", kind: "edit", dataJson: '{"target":"m","message":{"text":"oh!"}}' },
    { ...message, id: "other", dataJson: '{"text":"stays"}' },
    { ...message, id: "d", kind: "delete", dataJson: '{"target":"m"}' },
  ];
  for (const draft of drafts) await memory.append(draft as Parameters<typeof memory.append>[0]);
  await log.tailed();
  for (const name of [LOBBY, "p.group.*"]) {
    const back = subscriber();
    await back.subscribe(name, { recoverFrom: { offset: 1, epoch: log.epoch } });
    const heard = back.heard.map(({ event }) => event.type === "entry" && event.entry.kind);
    expect(heard).toEqual(["deleted", "deleted", "message", "delete"]);
    expect(JSON.stringify(back.heard.map(({ event }) => event))).not.toContain("oh");
  }
});
