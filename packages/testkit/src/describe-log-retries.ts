import type { ConsumerOptions, EntryHandler, Log, LogEntry } from "@anywire/core";
import fc from "fast-check";
import { expect, vi } from "vitest";
import { addTo } from "./add-to.ts";
import type { LogNodes } from "./log-nodes.ts";
import type { Rule } from "./rule.ts";

const ROOM = "production.group.room";
const HALL = "production.group.hall";
const OPTIONS: ConsumerOptions = {
  name: "worker",
  pattern: "production.group.*",
  maxAttempts: 3,
  minBackoffMs: 20,
};

/** What `Log` promises about consumers whose handler fails. */
export function describeFailingConsumers(
  rule: Rule,
  current: () => { nodes: LogNodes; a: Log; b: Log },
): void {
  rule("tries a failed entry again after a growing wait, counting attempts", async () => {
    const { nodes, a } = current();
    const tries: { attempt: number; at: number }[] = [];
    await a.consume({ ...OPTIONS, maxAttempts: 8 }, async (_entry, attempt) => {
      tries.push({ attempt, at: performance.now() });
      if (attempt < 4) throw new Error("not yet");
    });
    await nodes.append(a, ROOM);
    await vi.waitFor(() => expect(tries.map(({ attempt }) => attempt)).toEqual([1, 2, 3, 4]));
    const waits = tries.slice(1).map(({ at }, i) => at - (tries[i]?.at ?? 0));
    // Timers may fire up to a millisecond early.
    for (const [i, least] of [20, 40, 80].entries()) expect(waits[i]).toBeGreaterThan(least - 2);
  });

  rule("waits no longer than the longest wait", async () => {
    const { nodes, a } = current();
    const attempts: number[] = [];
    await a.consume(
      { ...OPTIONS, maxAttempts: 30, minBackoffMs: 1, maxBackoffMs: 2 },
      async (_entry, attempt) => {
        attempts.push(attempt);
        if (attempt < 30) throw new Error("not yet");
      },
    );
    await nodes.append(a, ROOM);
    await vi.waitFor(() => expect(attempts).toHaveLength(30));
  });

  rule(
    "makes an entry a dead letter after its last attempt, then the channel goes on",
    async () => {
      const { nodes, a } = current();
      const tries: string[] = [];
      const consumer = await a.consume(OPTIONS, async (entry, attempt) => {
        tries.push(`${entry.offset}/${attempt}`);
        if (entry.offset === 1) throw new Error("no such number");
      });
      const [poison] = await nodes.append(a, ROOM, ROOM);
      await vi.waitFor(() => expect(tries).toEqual(["1/1", "1/2", "1/3", "2/1"]));
      const letters = await consumer.deadLetters(0, 10);
      expect(letters).toMatchObject([{ entry: poison, attempts: 3, error: "no such number" }]);
      expect(Math.abs(Date.now() - (letters[0]?.at ?? 0))).toBeLessThan(60_000);
      await vi.waitFor(async () => expect(await consumer.position()).toBe(2));
    },
  );

  rule("counts no attempt that fails while its consumer is closing", async () => {
    const { nodes, a, b } = current();
    const options = { ...OPTIONS, maxAttempts: 1 };
    let fail: (() => void) | undefined;
    const consumer = await a.consume(options, () => {
      return new Promise((_resolve, reject) => {
        fail = () => reject(new Error("the node is stopping"));
      });
    });
    await nodes.append(a, ROOM);
    await vi.waitFor(() => expect(fail).toBeDefined());
    const closing = consumer.close();
    setImmediate(() => fail?.());
    await closing;
    const attempts: number[] = [];
    const next = await b.consume(options, async (_entry, attempt) => void attempts.push(attempt));
    await vi.waitFor(() => expect(attempts).toEqual([1]));
    expect(await next.deadLetters(0, 10)).toEqual([]);
  });

  rule("lists dead letters on any node, whichever works the consumer", async () => {
    const { nodes, a, b } = current();
    const options = { ...OPTIONS, maxAttempts: 1 };
    const working = await a.consume(options, alwaysFails);
    const standby = await b.consume(options, alwaysFails);
    const [entry] = await nodes.append(a, ROOM);
    await vi.waitFor(async () => expect(await standby.deadLetters(0, 10)).toHaveLength(1));
    expect(await standby.deadLetters(0, 10)).toMatchObject([{ entry, attempts: 1 }]);
    expect(await working.deadLetters(0, 10)).toMatchObject([{ entry, attempts: 1 }]);
  });

  rule("counts a channel that waits for a retry as one entry that is not done", async () => {
    const { nodes, a } = current();
    const slow = { ...OPTIONS, minBackoffMs: 60_000 };
    const consumer = await a.consume(slow, async ({ channel }) => {
      if (channel === ROOM) throw new Error("not yet");
    });
    await nodes.append(a, ROOM, ROOM, HALL);
    await vi.waitFor(async () => expect(await consumer.position()).toBe(3));
    await vi.waitFor(async () => expect(await consumer.lag()).toBe(1));
  });

  rule("lists dead letters in pages, oldest first", async () => {
    const { nodes, a } = current();
    const consumer = await a.consume({ ...OPTIONS, maxAttempts: 1 }, alwaysFails);
    await nodes.append(a, ROOM, HALL, ROOM);
    await vi.waitFor(async () => expect(await consumer.deadLetters(0, 10)).toHaveLength(3));
    const offsets = async (after: number, limit: number): Promise<number[]> =>
      (await consumer.deadLetters(after, limit)).map(({ entry }) => entry.offset);
    expect(await offsets(0, 2)).toEqual([1, 2]);
    expect(await offsets(2, 2)).toEqual([3]);
  });

  rule(
    "replays a dead letter: gone when handled, kept with one more attempt when not",
    async () => {
      const { nodes, a } = current();
      let isMended = false;
      const attempts: number[] = [];
      const consumer = await a.consume({ ...OPTIONS, maxAttempts: 1 }, async (_entry, attempt) => {
        attempts.push(attempt);
        if (!isMended) throw new Error(`broken ${attempt}`);
      });
      await nodes.append(a, ROOM);
      await vi.waitFor(async () => expect(await consumer.deadLetters(0, 10)).toHaveLength(1));
      expect(await consumer.replay(1)).toBe(false);
      expect(await consumer.deadLetters(0, 10)).toMatchObject([{ attempts: 2, error: "broken 2" }]);
      isMended = true;
      expect(await consumer.replay(1)).toBe(true);
      expect(await consumer.deadLetters(0, 10)).toEqual([]);
      await expect(consumer.replay(1)).rejects.toMatchObject({ code: "not_found" });
      expect(attempts).toEqual([1, 2, 3]);
    },
  );

  rule("replays a dead letter once when it is asked to twice at once", async () => {
    const { nodes, a } = current();
    let isMended = false;
    const consumer = await a.consume({ ...OPTIONS, maxAttempts: 1 }, async () => {
      if (!isMended) throw new Error("broken");
    });
    await nodes.append(a, ROOM);
    await vi.waitFor(async () => expect(await consumer.deadLetters(0, 10)).toHaveLength(1));
    isMended = true;
    const replays = await Promise.allSettled([consumer.replay(1), consumer.replay(1)]);
    // Either may be the first.
    replays.sort((x, y) => x.status.localeCompare(y.status));
    expect(replays).toMatchObject([
      { status: "fulfilled", value: true },
      { status: "rejected", reason: { code: "not_found" } },
    ]);
  });

  rule("lets the other channels go on while thousands wait behind a failing entry", async () => {
    const { nodes, a } = current();
    const handled: string[] = [];
    let isMended = false;
    const consumer = await a.consume(
      { ...OPTIONS, maxAttempts: 1_000, maxBackoffMs: 20 },
      async (entry) => {
        if (entry.channel === ROOM && !isMended) throw new Error("poison");
        handled.push(entry.channel);
      },
    );
    await nodes.appendMany(a, ROOM, 6_000);
    await nodes.append(a, HALL, ROOM, HALL);
    await vi.waitFor(() => expect(handled).toEqual([HALL, HALL]));
    await vi.waitFor(async () => expect(await consumer.position()).toBe(6_003));
    isMended = true;
    await vi.waitFor(() => expect(handled).toHaveLength(6_003), { timeout: 15_000 });
  });

  rule("handles what came to a channel while its failed entry was tried again", async () => {
    const { nodes, a } = current();
    let goOn: () => void = () => {};
    const retried = new Promise<void>((resolve) => {
      goOn = resolve;
    });
    const tries: string[] = [];
    await a.consume(OPTIONS, async (entry, attempt) => {
      tries.push(`${entry.offset}/${attempt}`);
      if (entry.offset === 1 && attempt === 1) throw new Error("not yet");
      if (entry.offset === 1) await retried;
    });
    await nodes.append(a, ROOM);
    await vi.waitFor(() => expect(tries).toEqual(["1/1", "1/2"]));
    await nodes.append(a, ROOM, ROOM);
    goOn();
    await vi.waitFor(() => expect(tries).toEqual(["1/1", "1/2", "2/1", "3/1"]));
    await nodes.append(a, ROOM);
    await vi.waitFor(() => expect(tries.at(-1)).toBe("4/1"));
  });

  rule(
    "remembers attempts, waiting channels and dead letters when it is started again",
    async () => {
      const { nodes, a, b } = current();
      const tries: string[] = [];
      let isMended = false;
      const handle: EntryHandler = async (entry, attempt) => {
        tries.push(`${entry.offset}/${attempt}`);
        if (entry.offset === 1 || (entry.offset === 2 && !isMended)) throw new Error("broken");
      };
      const before = await a.consume({ ...OPTIONS, maxAttempts: 2, minBackoffMs: 1 }, handle);
      await nodes.append(a, ROOM);
      await vi.waitFor(async () => expect(await before.deadLetters(0, 10)).toHaveLength(1));
      await before.close();
      const waiting = await a.consume({ ...OPTIONS, maxAttempts: 2, minBackoffMs: 100 }, handle);
      await nodes.append(a, HALL, HALL, ROOM);
      await vi.waitFor(() => expect(tries).toContain("4/1"));
      expect(tries).not.toContain("2/2");
      await waiting.close();
      await a.close();
      isMended = true;
      const after = await b.consume({ ...OPTIONS, maxAttempts: 2, minBackoffMs: 1 }, handle);
      await vi.waitFor(() => expect(tries.at(-1)).toBe("3/1"));
      expect(tries).toEqual(["1/1", "1/2", "2/1", "4/1", "2/2", "3/1"]);
      expect(await after.deadLetters(0, 10)).toMatchObject([{ attempts: 2, error: "broken" }]);
      await vi.waitFor(async () => expect(await after.position()).toBe(4));
    },
  );

  rule("tells of what comes after a failed entry once that one is handed over again", async () => {
    const { nodes, a, b } = current();
    const failing = await a.consume({ ...OPTIONS, minBackoffMs: 60_000 }, alwaysFails);
    await nodes.append(a, ROOM, ROOM, ROOM);
    await vi.waitFor(async () => expect(await failing.lag()).toBe(1));
    await failing.close();
    await a.close();
    const seen: string[] = [];
    let goOn = (): void => {};
    const mended = new Promise<void>((resolve) => (goOn = resolve));
    const foresee = ({ offset }: LogEntry): boolean => seen.push(`foreseen ${offset}`) > 0;
    await b.consume(
      { ...OPTIONS, minBackoffMs: 1, maxBackoffMs: 1, foresee },
      async ({ offset }) => {
        seen.push(`handed ${offset}`);
        if (offset === 1) await mended;
      },
    );
    await vi.waitFor(() => expect(seen).toEqual(["handed 1", "foreseen 2", "foreseen 3"]));
    goOn();
    await vi.waitFor(() => expect(seen.slice(3)).toEqual(["handed 2", "handed 3"]));
  });

  rule("tells of all that comes while a failed entry waits to be tried again", async () => {
    const { nodes, a, b } = current();
    const foreseen: number[] = [];
    const foresee = ({ offset }: LogEntry): boolean => foreseen.push(offset) > 0;
    const waiting = { ...OPTIONS, minBackoffMs: 60_000 };
    const before = await a.consume({ ...waiting, foresee }, alwaysFails);
    await nodes.append(a, ROOM);
    await vi.waitFor(async () => expect(await before.lag()).toBe(1));
    await nodes.appendMany(b, ROOM, 300);
    const all = Array.from({ length: 301 }, (_, i) => i + 1);
    await vi.waitFor(() => expect(foreseen).toEqual(all));
    await before.close();
    await a.close();
    foreseen.length = 0;
    // What came before it was started is read as far as there is room, once the first one has failed again.
    await b.consume({ ...waiting, maxBackoffMs: 1, foresee }, alwaysFails);
    await vi.waitFor(() => expect(foreseen).toEqual(all.slice(1)));
  });

  rule("handles everything once and in order, whatever fails how often", async () => {
    const { nodes, a } = current();
    let round = 0;
    const channel = fc.constantFrom("1", "2", "3", "4");
    const history = fc.array(fc.tuple(channel, fc.integer({ min: 0, max: 2 })), {
      minLength: 1,
      maxLength: 40,
    });
    const run = async (entries: [string, number][]): Promise<void> => {
      round += 1;
      const platform = `round-${round}`;
      const failures = new Map<string, number>();
      const done: Record<string, string[]> = {};
      const expected: Record<string, string[]> = {};
      const consumer = await a.consume(
        { ...OPTIONS, name: platform, pattern: `${platform}.>`, minBackoffMs: 1 },
        async (entry, attempt) => {
          if (attempt <= (failures.get(entry.id) ?? 0)) throw new Error("again");
          addTo(done, entry.channel, entry.id);
        },
      );
      const drafts = entries.map(([id, count]) => {
        const draft = nodes.draft(`${platform}.group.${id}`);
        failures.set(draft.id, count);
        addTo(expected, draft.channel, draft.id);
        return draft;
      });
      await Promise.all(drafts.map((draft) => a.append(draft)));
      await vi.waitFor(() => expect(done).toEqual(expected));
      await consumer.close();
    };
    await fc.assert(fc.asyncProperty(history, run), { numRuns: 25 });
  });
}

const alwaysFails: EntryHandler = async () => {
  throw new Error("broken");
};
