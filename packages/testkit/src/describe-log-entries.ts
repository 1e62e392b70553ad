import type { Log, LogEntry } from "@anywire/core";
import { MAX_TRACE_NAMES } from "@anywire/types";
import { afterEach, beforeEach, describe, expect, vi } from "vitest";
import { type LogBackend, LogNodes } from "./log-nodes.ts";
import type { Rule } from "./rule.ts";

const ROOM = "production.group.room";
const HALL = "production.group.hall";
const ALL = { pattern: ">", limit: 10_000, order: "asc" } as const;

/** What `Log` promises about appends, tails and its life. */
export function describeLogEntries(
  rule: Rule,
  createBackend: () => LogBackend | Promise<LogBackend>,
): void {
  describe("entries", () => {
    let nodes: LogNodes;
    let a: Log;
    let b: Log;

    beforeEach(async () => {
      nodes = new LogNodes(await createBackend());
      a = await nodes.join();
      b = await nodes.join();
    });

    afterEach(() => nodes.dispose());

    rule("counts offsets from 1 in the order of storing, over all channels", async () => {
      const entries = await nodes.append(a, ROOM, HALL, ROOM, "staging.group.room");
      expect(entries.map((entry) => entry.offset)).toEqual([1, 2, 3, 4]);
    });

    rule("resolves an append with the stored entry, whole and unchanged", async () => {
      const dataJson = JSON.stringify({ text: 'naïve 👋🏽 \u0000 \ud800 " \\', list: [1, null] });
      const draft = nodes.draft(ROOM, { client: "c-1", kind: "data", dataJson });
      const { entry, isNew } = await a.append(draft);
      expect(isNew).toBe(true);
      expect(entry).toMatchObject(draft);
      expect((await b.read(ALL)).entries).toEqual([entry]);
    });

    rule("gives entries the same keys in the same order wherever they come from", async () => {
      const tailed: LogEntry[] = [];
      await b.tail((entry) => tailed.push(entry)).follow(">");
      const client = { client: "c-1" };
      const trace = { trace: { id: "id-0", via: ["echo"] } };
      const appended: LogEntry[] = [];
      for (const more of [client, {}, trace, { ...client, ...trace }]) {
        appended.push((await a.append(nodes.draft(ROOM, more))).entry);
      }
      await vi.waitFor(() => expect(tailed).toHaveLength(4));
      const keys = appended.map((entry) => Object.keys(entry));
      expect(tailed.map((entry) => Object.keys(entry))).toEqual(keys);
      expect((await b.read(ALL)).entries.map((entry) => Object.keys(entry))).toEqual(keys);
      expect(keys[1]).not.toContain("client");
      expect(keys[1]).not.toContain("trace");
    });

    rule("keeps what led to an entry, wherever the entry comes from", async () => {
      const tailed: LogEntry[] = [];
      const consumed: LogEntry[] = [];
      await b.tail((entry) => tailed.push(entry)).follow(">");
      await b.consume({ name: "worker", pattern: ">" }, async (entry) => void consumed.push(entry));
      const via = Array.from({ length: MAX_TRACE_NAMES }, (_, i) => `${"f".repeat(60)}-${i}`);
      const draft = nodes.draft(ROOM, { client: "c-1", trace: { id: "id-0", via } });
      const first = await a.append(draft);
      const second = await a.append(nodes.draft(ROOM, { trace: { id: "id-0", via: [] } }));
      const third = await a.append(nodes.draft(ROOM));
      const entries = [first, second, third].map(({ entry }) => entry);
      expect(entries.map(({ trace }) => trace)).toEqual([
        draft.trace,
        { id: "id-0", via: [] },
        undefined,
      ]);
      expect(entries.map((entry) => "trace" in entry)).toEqual([true, true, false]);
      expect((await b.read(ALL)).entries).toEqual(entries);
      expect(await b.append({ ...draft, trace: { id: "other", via: [] } })).toEqual({
        ...first,
        isNew: false,
      });
      await vi.waitFor(() => expect(tailed).toEqual(entries));
      await vi.waitFor(() => expect(consumed).toEqual(entries));
    });

    rule("stores nothing twice: the same id again gives the first entry", async () => {
      const draft = nodes.draft(ROOM, { client: "c-1" });
      const first = await a.append(draft);
      const second = await b.append({ ...draft, dataJson: '"other"' });
      expect(second).toEqual({ entry: first.entry, isNew: false });
      expect((await a.read(ALL)).entries).toHaveLength(1);
    });

    rule("stores one entry when one id is appended many times at once", async () => {
      const draft = nodes.draft(ROOM);
      const log = [a, b];
      const all = await Promise.all(
        Array.from({ length: 40 }, (_, i) => (log[i % 2] ?? a).append(draft)),
      );
      expect(all.filter(({ isNew }) => isNew)).toHaveLength(1);
      expect(new Set(all.map(({ entry }) => entry.offset)).size).toBe(1);
      expect((await a.read(ALL)).entries).toHaveLength(1);
    });

    rule("takes one id in two channels for two entries", async () => {
      const draft = nodes.draft(ROOM);
      await a.append(draft);
      const { isNew } = await a.append({ ...draft, channel: HALL });
      expect(isNew).toBe(true);
    });

    rule("loses and doubles nothing when two nodes append at once", async () => {
      const channels = [ROOM, HALL, "staging.sms.1"];
      const appended = await Promise.all(
        Array.from({ length: 120 }, (_, i) =>
          (i % 2 === 0 ? a : b).append(nodes.draft(channels[i % 3] ?? ROOM)),
        ),
      );
      const offsets = appended.map(({ entry }) => entry.offset).sort((x, y) => x - y);
      expect(new Set(offsets).size).toBe(120);
      const { entries } = await a.read(ALL);
      expect(entries.map((entry) => entry.offset)).toEqual(offsets);
      expectChains(entries);
    });

    rule("names the channel's entry before each entry", async () => {
      const entries = await nodes.append(a, ROOM, HALL, ROOM, HALL, ROOM);
      expect(entries.map((entry) => entry.previousOffset)).toEqual([0, 0, 1, 2, 3]);
    });

    rule("never lets a channel's time fall when the clock is set back", async () => {
      const before = await nodes.append(a, ROOM);
      nodes.clockShiftMs = -3_600_000;
      const after = [...(await nodes.append(a, ROOM)), ...(await nodes.append(b, ROOM, ROOM))];
      expectChains([...before, ...after]);
    });

    rule("keeps timetokens growing when a millisecond has more entries than ticks", async () => {
      nodes.frozenAt = Date.now();
      const entries = await nodes.appendMany(a, ROOM, 10_002);
      expectChains(entries);
      expect(entries.at(-1)?.at).toBe(nodes.frozenAt + 1);
      expect(entries.at(-1)?.timetoken).toMatch(/^\d{17}$/);
    });

    rule("shows an entry to reads on every node once its append has resolved", async () => {
      for (let i = 0; i < 20; i += 1) {
        const [entry] = await nodes.append(i % 2 === 0 ? a : b, ROOM);
        const page = await (i % 2 === 0 ? b : a).read({ pattern: ROOM, limit: 1, order: "desc" });
        expect(page.entries).toEqual([entry]);
      }
    });

    rule("tails every new entry once, in order, on every node", async () => {
      const onA: LogEntry[] = [];
      const onB: LogEntry[] = [];
      await a.tail((entry) => onA.push(entry)).follow(">");
      await b.tail((entry) => onB.push(entry)).follow(">");
      await Promise.all(
        Array.from({ length: 100 }, (_, i) => (i % 2 === 0 ? a : b).append(nodes.draft(ROOM))),
      );
      const { entries } = await a.read(ALL);
      await vi.waitFor(() => expect(onA).toHaveLength(100));
      await vi.waitFor(() => expect(onB).toHaveLength(100));
      expect(onA).toEqual(entries);
      expect(onB).toEqual(entries);
    });

    rule("tails an entry on its own node before its append resolves", async () => {
      const tailed: number[] = [];
      await a.tail((entry) => tailed.push(entry.offset)).follow(ROOM);
      const { entry } = await a.append(nodes.draft(ROOM));
      expect(tailed).toEqual([entry.offset]);
    });

    rule(
      "tails nothing for an id that is already stored, and nothing after the tail has ended",
      async () => {
        const kept: number[] = [];
        const ended: number[] = [];
        await a.tail((entry) => kept.push(entry.offset)).follow(ROOM);
        const ending = a.tail((entry) => ended.push(entry.offset));
        await ending.follow(ROOM);
        const draft = nodes.draft(ROOM);
        await a.append(draft);
        await a.append(draft);
        ending.stop();
        ending.stop();
        await a.append(nodes.draft(ROOM));
        expect(kept).toEqual([1, 2]);
        expect(ended).toEqual([1]);
      },
    );

    rule("keeps entries and epoch when every node has gone and one comes back", async () => {
      const entries = await nodes.append(a, ROOM, HALL);
      const { epoch } = a;
      expect(b.epoch).toBe(epoch);
      await Promise.all([a.close(), b.close()]);
      const c = await nodes.join();
      expect(c.epoch).toBe(epoch);
      expect((await c.read(ALL)).entries).toEqual(entries);
      const [next] = await nodes.append(c, HALL);
      expect(next).toMatchObject({ offset: 3, previousOffset: 2 });
    });

    rule("finishes running appends when it is closed", async () => {
      const appends = Array.from({ length: 50 }, () => a.append(nodes.draft(ROOM)));
      const closing = a.close();
      await expect(Promise.all(appends)).resolves.toHaveLength(50);
      await closing;
      expect((await b.read(ALL)).entries).toHaveLength(50);
    });

    rule("rejects every call before it was started", async () => {
      const late = nodes.create();
      await expectRefusal(late, nodes);
    });

    rule("rejects every call after close, and closes twice", async () => {
      await a.close();
      await a.close();
      await expectRefusal(a, nodes);
      expect((await b.append(nodes.draft(ROOM))).isNew).toBe(true);
    });
  });
}

/** Checks that each channel's entries name the one before, and that their times grow. */
function expectChains(entries: readonly LogEntry[]): void {
  const last = new Map<string, LogEntry>();
  for (const entry of entries) {
    const previous = last.get(entry.channel);
    expect(entry.previousOffset).toBe(previous?.offset ?? 0);
    expect(entry.at).toBeGreaterThanOrEqual(previous?.at ?? 0);
    expect(entry.timetoken > (previous?.timetoken ?? "")).toBe(true);
    last.set(entry.channel, entry);
  }
}

async function expectRefusal(log: Log, nodes: LogNodes): Promise<void> {
  const unavailable = { code: "unavailable" };
  const consumer = { name: "late", pattern: ">" };
  await expect(log.append(nodes.draft(ROOM))).rejects.toMatchObject(unavailable);
  await expect(log.read(ALL)).rejects.toMatchObject(unavailable);
  await expect(log.head(ROOM)).rejects.toMatchObject(unavailable);
  await expect(log.consume(consumer, async () => {})).rejects.toMatchObject(unavailable);
  expect(() => log.tail(() => {})).toThrow(expect.objectContaining(unavailable));
}
