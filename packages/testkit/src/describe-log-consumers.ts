import type { Consumer, ConsumerOptions, EntryHandler, Log, LogEntry } from "@anywire/core";
import { afterEach, beforeEach, describe, expect, vi } from "vitest";
import { addTo } from "./add-to.ts";
import { describeFailingConsumers } from "./describe-log-retries.ts";
import { type LogBackend, LogNodes } from "./log-nodes.ts";
import type { Rule } from "./rule.ts";

const ROOM = "production.group.room";
const HALL = "production.group.hall";
const OPTIONS: ConsumerOptions = { name: "worker", pattern: "production.group.*" };

/** What `Log` promises about durable consumers. */
export function describeLogConsumers(
  rule: Rule,
  createBackend: () => LogBackend | Promise<LogBackend>,
): void {
  describe("consumers", () => {
    let nodes: LogNodes;
    let a: Log;
    let b: Log;

    beforeEach(async () => {
      nodes = new LogNodes(await createBackend());
      a = await nodes.join();
      b = await nodes.join();
    });

    afterEach(() => nodes.dispose());

    rule("handles every matching entry, stored before or after, in order per channel", async () => {
      const { handle, handled } = recorder();
      await nodes.append(a, ROOM, "production.sms.1", HALL);
      await a.consume(OPTIONS, handle);
      await nodes.append(a, ROOM, "staging.group.room");
      await nodes.append(b, HALL, ROOM);
      await vi.waitFor(() => expect(handled).toHaveLength(5));
      expectSameOrder(handled, (await a.read({ ...ALL, pattern: OPTIONS.pattern })).entries);
    });

    rule("begins behind the last entry when told to start at the head", async () => {
      const { handle, handled } = recorder();
      await nodes.append(a, ROOM, ROOM);
      await a.consume({ ...OPTIONS, startAt: "head" }, handle);
      const [entry] = await nodes.append(a, ROOM);
      await vi.waitFor(() => expect(handled).toEqual([entry]));
    });

    rule(
      "begins behind an offset when told to, and where it stopped when it is there already",
      async () => {
        const { handle, handled } = recorder();
        const stored = await nodes.append(a, ROOM, ROOM, HALL);
        const startAt = stored[0]?.offset ?? 0;
        const first = await a.consume({ ...OPTIONS, startAt }, handle);
        await vi.waitFor(() => expect(handled).toHaveLength(2));
        expectSameOrder(handled, stored.slice(1));
        await first.close();
        await a.consume({ ...OPTIONS, startAt: 0 }, handle);
        const later = await nodes.append(a, ROOM);
        await vi.waitFor(() => expect(handled).toHaveLength(3));
        expect(handled.slice(2)).toEqual(later);
      },
    );

    rule("handles one entry of a channel at a time, and channels beside each other", async () => {
      const gates = gatedHandler();
      await a.consume(OPTIONS, gates.handle);
      await nodes.append(a, ROOM, ROOM, HALL);
      await vi.waitFor(() => expect(gates.waiting()).toEqual([1, 3]));
      gates.release(1);
      await vi.waitFor(() => expect(gates.waiting()).toEqual([2, 3]));
      gates.open();
    });

    rule("works on no more channels at once than its concurrency", async () => {
      const gates = gatedHandler();
      await a.consume({ ...OPTIONS, concurrency: 2 }, gates.handle);
      await nodes.append(a, ROOM, HALL, "production.group.third");
      await vi.waitFor(() => expect(gates.waiting()).toEqual([1, 2]));
      gates.release(2);
      await vi.waitFor(() => expect(gates.waiting()).toEqual([1, 3]));
      gates.open();
    });

    rule("lets the other channels go on while thousands wait behind a slow entry", async () => {
      const gates = gatedHandler((entry) => entry.channel === ROOM);
      await nodes.appendMany(a, ROOM, 6_000);
      await nodes.append(a, HALL);
      await a.consume(OPTIONS, gates.handle);
      await vi.waitFor(() => expect(gates.handled).toMatchObject([{ channel: HALL }]));
      await nodes.append(a, HALL);
      await vi.waitFor(() => expect(gates.handled).toHaveLength(2));
      gates.open();
      await vi.waitFor(() => expect(gates.handled).toHaveLength(6_002), { timeout: 15_000 });
      expectSameOrder(gates.handled, await readAll(a));
    });

    rule("is at the offset of the last entry when everything is handled", async () => {
      const consumer = await a.consume(OPTIONS, async () => {});
      expect(await consumer.position()).toBe(0);
      const entries = await nodes.append(a, ROOM, HALL);
      await vi.waitFor(async () => expect(await consumer.position()).toBe(entries.at(-1)?.offset));
    });

    rule("goes on where it stopped, on whatever node it is started again", async () => {
      const before = recorder();
      const consumer = await a.consume(OPTIONS, before.handle);
      await nodes.append(a, ROOM, HALL);
      await vi.waitFor(() => expect(before.handled).toHaveLength(2));
      await consumer.close();
      await nodes.append(a, ROOM);
      await a.close();
      const after = recorder();
      const again = await b.consume(OPTIONS, after.handle);
      await vi.waitFor(() => expect(after.handled).toMatchObject([{ offset: 3 }]));
      await vi.waitFor(async () => expect(await again.position()).toBe(3));
      expect(before.handled).toHaveLength(2);
    });

    rule("finishes running handlers when it is closed, and starts no more", async () => {
      const gates = gatedHandler();
      const consumer = await a.consume(OPTIONS, gates.handle);
      await nodes.append(a, ROOM, ROOM);
      await vi.waitFor(() => expect(gates.waiting()).toEqual([1]));
      const steps: string[] = [];
      const closing = consumer.close().then(() => steps.push("closed"));
      // Closing has had every chance to end too early once the log has answered something.
      await a.append(nodes.draft("production.sms.1"));
      steps.push("released");
      gates.open();
      await closing;
      expect(steps).toEqual(["released", "closed"]);
      expect(gates.handled).toHaveLength(1);
      const again = recorder();
      await b.consume(OPTIONS, again.handle);
      await vi.waitFor(() => expect(again.handled).toMatchObject([{ offset: 2 }]));
    });

    rule("lets handlers append, also while the log is closing", async () => {
      const gates = gatedHandler();
      const reply = nodes.draft("production.sms.1");
      await a.consume(OPTIONS, async (entry, attempt) => {
        await gates.handle(entry, attempt);
        await a.append(reply);
      });
      await nodes.append(a, ROOM);
      await vi.waitFor(() => expect(gates.waiting()).toEqual([1]));
      const closing = a.close();
      gates.open();
      await closing;
      expect((await b.read({ ...ALL, pattern: reply.channel })).entries).toHaveLength(1);
    });

    rule("tells of entries before their turn, in the order of their channel", async () => {
      const gates = gatedHandler();
      const foreseen: LogEntry[] = [];
      const foresee = (entry: LogEntry): boolean => foreseen.push(entry) > 0;
      await a.consume({ ...OPTIONS, foresee }, gates.handle);
      await nodes.append(a, ROOM, HALL, ROOM, "production.sms.1", ROOM);
      await vi.waitFor(() => expect(foreseen.map(({ offset }) => offset)).toEqual([1, 2, 3, 5]));
      expect(gates.waiting()).toEqual([1, 2]);
      gates.open();
      await vi.waitFor(() => expect(gates.handled).toHaveLength(4));
      expectSameOrder(gates.handled, foreseen);
    });

    rule("tells later, and in order, of entries for which there was no room", async () => {
      const gates = gatedHandler();
      const foreseen: number[] = [];
      const foresee = ({ offset }: LogEntry): boolean => {
        const hasRoom = offset < 3 || gates.handled.length > 0;
        if (hasRoom) foreseen.push(offset);
        return hasRoom;
      };
      await a.consume({ ...OPTIONS, foresee }, gates.handle);
      await nodes.append(a, ROOM, ROOM, ROOM, ROOM, ROOM);
      await vi.waitFor(() => expect(gates.waiting()).toEqual([1]));
      await vi.waitFor(() => expect(foreseen).toEqual([1, 2]));
      gates.release(1);
      await vi.waitFor(() => expect(foreseen).toEqual([1, 2, 3, 4, 5]));
      expect(gates.waiting()).toEqual([2]);
      gates.open();
    });

    rule("rejects every call after close, and closes twice", async () => {
      const consumer = await a.consume(OPTIONS, async () => {});
      await consumer.close();
      await consumer.close();
      await expectRefusal(consumer);
    });

    rule("rejects every call once its log is closed", async () => {
      const consumer = await a.consume(OPTIONS, async () => {});
      await a.close();
      await expectRefusal(consumer);
    });

    rule("refuses a name that is none, and an offset to begin behind that is none", async () => {
      for (const wrong of [{ name: "a b" }, { startAt: -1 }, { startAt: 0.5 }]) {
        const consuming = a.consume({ ...OPTIONS, ...wrong }, async () => {});
        await expect(consuming).rejects.toMatchObject({ code: "bad_request" });
      }
    });

    rule("shares a name between nodes: one handles each entry, never both at once", async () => {
      const running = new Set<string>();
      const handled: LogEntry[] = [];
      const handle: EntryHandler = async (entry) => {
        expect(running.has(entry.channel)).toBe(false);
        running.add(entry.channel);
        await new Promise(setImmediate);
        running.delete(entry.channel);
        handled.push(entry);
      };
      const shared = [await nodes.join(300), await nodes.join(300)];
      const consumers = await Promise.all(shared.map((log) => log.consume(OPTIONS, handle)));
      await Promise.all([nodes.appendMany(a, ROOM, 100), nodes.appendMany(b, HALL, 100)]);
      await vi.waitFor(() => expect(handled).toHaveLength(200));
      expectSameOrder(handled, await readAll(a));
      for (const consumer of consumers) {
        await vi.waitFor(async () => expect(await consumer.position()).toBe(200));
      }
    });

    rule("is taken over by the other node when the one that works is closed", async () => {
      const onA = recorder();
      const onB = recorder();
      const working = await nodes.join(300);
      await working.consume(OPTIONS, onA.handle);
      const standby = await (await nodes.join(300)).consume(OPTIONS, onB.handle);
      await nodes.append(b, ROOM);
      await vi.waitFor(() => expect(onA.handled).toHaveLength(1));
      await expect(standby.replay(1)).rejects.toMatchObject({ code: "unavailable" });
      await working.close();
      await nodes.append(b, ROOM);
      await vi.waitFor(() => expect(onB.handled).toMatchObject([{ offset: 2 }]));
    });

    rule("stands by while another of its name works on the same node, and takes over", async () => {
      const first = recorder();
      const second = recorder();
      const node = await nodes.join(300);
      const working = await node.consume(OPTIONS, first.handle);
      await node.consume(OPTIONS, second.handle);
      await nodes.append(a, ROOM);
      await vi.waitFor(() => expect(first.handled).toHaveLength(1));
      await working.close();
      await nodes.append(a, ROOM);
      await vi.waitFor(() => expect(second.handled).toMatchObject([{ offset: 2 }]));
      expect(first.handled).toHaveLength(1);
    });

    rule("divides names between nodes, each worked where it came first", async () => {
      const handled: string[] = [];
      const on = (log: Log, at: string, name: string): Promise<Consumer> =>
        log.consume({ ...OPTIONS, name }, async () => void handled.push(`${name} on ${at}`));
      const leaving = await nodes.join(300);
      const staying = await nodes.join(300);
      await on(leaving, "leaving", "x");
      await on(staying, "staying", "y");
      await on(staying, "staying", "x");
      await on(leaving, "leaving", "y");
      await nodes.append(a, ROOM);
      await vi.waitFor(() => expect(handled.toSorted()).toEqual(["x on leaving", "y on staying"]));
      await leaving.close();
      handled.length = 0;
      await nodes.append(a, ROOM);
      await vi.waitFor(() => expect(handled.toSorted()).toEqual(["x on staying", "y on staying"]));
    });

    rule("brings each of hundreds of consumers what matches it", async () => {
      const handled: string[] = [];
      const channels = Array.from({ length: 300 }, (_, i) => `production.sms.${i}`);
      await Promise.all(
        channels.map((pattern, i) =>
          a.consume({ name: `c${i}`, pattern }, async ({ channel }) => {
            handled.push(`c${i} ${channel}`);
          }),
        ),
      );
      await Promise.all(channels.map((channel) => b.append(nodes.draft(channel))));
      await nodes.append(b, ROOM);
      const expected = channels.map((channel, i) => `c${i} ${channel}`);
      await vi.waitFor(() => expect(handled.toSorted()).toEqual(expected.toSorted()), {
        timeout: 10_000,
      });
    });

    rule("tells how many entries are taken and not done, on the node that works it", async () => {
      const gates = gatedHandler();
      const working = await a.consume(OPTIONS, gates.handle);
      const standby = await b.consume(OPTIONS, gates.handle);
      expect(await working.lag()).toBe(0);
      await nodes.append(a, ROOM, ROOM, HALL);
      await vi.waitFor(async () => expect(await working.lag()).toBe(3));
      expect(await standby.lag()).toBeNull();
      gates.open();
      await vi.waitFor(async () => expect(await working.lag()).toBe(0));
    });

    describeFailingConsumers(rule, () => ({ nodes, a, b }));
  });
}

const ALL = { pattern: ">", limit: 10_000, order: "asc" } as const;

async function readAll(log: Log): Promise<readonly LogEntry[]> {
  return (await log.read(ALL)).entries;
}

/** A handler that remembers. */
function recorder(): { handle: EntryHandler; handled: LogEntry[] } {
  const handled: LogEntry[] = [];
  return { handled, handle: async (entry) => void handled.push(entry) };
}

interface Gates {
  readonly handle: EntryHandler;
  readonly handled: LogEntry[];
  /** Offsets of the entries being handled, sorted. */
  waiting(): number[];
  release(offset: number): void;
  /** Releases all, now and in future. */
  open(): void;
}

/** A handler whose entries wait until they are released. */
function gatedHandler(isGated: (entry: LogEntry) => boolean = () => true): Gates {
  const waiting = new Map<number, () => void>();
  const handled: LogEntry[] = [];
  let isOpen = false;
  const release = (offset: number): void => {
    waiting.get(offset)?.();
    waiting.delete(offset);
  };
  return {
    handled,
    handle: async (entry) => {
      if (!isOpen && isGated(entry)) {
        await new Promise<void>((resolve) => waiting.set(entry.offset, resolve));
      }
      handled.push(entry);
    },
    waiting: () => [...waiting.keys()].sort((x, y) => x - y),
    release,
    open: () => {
      isOpen = true;
      for (const offset of [...waiting.keys()]) release(offset);
    },
  };
}

/** Checks that each channel's entries were handled once, in the order they are stored. */
function expectSameOrder(handled: readonly LogEntry[], stored: readonly LogEntry[]): void {
  const byChannel = (entries: readonly LogEntry[]): Record<string, number[]> => {
    const offsets: Record<string, number[]> = {};
    for (const { channel, offset } of entries) addTo(offsets, channel, offset);
    return offsets;
  };
  expect(byChannel(handled)).toEqual(byChannel(stored));
}

async function expectRefusal(consumer: Consumer): Promise<void> {
  const unavailable = { code: "unavailable" };
  await expect(consumer.position()).rejects.toMatchObject(unavailable);
  await expect(consumer.lag()).rejects.toMatchObject(unavailable);
  await expect(consumer.deadLetters(0, 1)).rejects.toMatchObject(unavailable);
  await expect(consumer.replay(1)).rejects.toMatchObject(unavailable);
}
