import type { Log, LogEntry } from "@anywire/core";
import { matchesPattern } from "@anywire/types";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, vi } from "vitest";
import { type LogBackend, LogNodes } from "./log-nodes.ts";
import type { Rule } from "./rule.ts";

const ROOM = "production.group.room";
const HALL = "production.group.hall";

/** What `Log` promises about what its tails follow. */
export function describeLogTails(
  rule: Rule,
  createBackend: () => LogBackend | Promise<LogBackend>,
): void {
  describe("tails", () => {
    let nodes: LogNodes;
    let a: Log;
    let b: Log;

    beforeEach(async () => {
      nodes = new LogNodes(await createBackend());
      a = await nodes.join();
      b = await nodes.join();
    });

    afterEach(() => nodes.dispose());

    rule("tails every entry that any node stores once following it has resolved", async () => {
      const tailed = new Set<number>();
      const listening = a.tail(({ offset }) => tailed.add(offset));
      for (let i = 0; i < 30; i += 1) {
        const channel = `production.group.${i}`;
        await listening.follow(channel);
        const [entry] = await nodes.append(b, channel);
        await vi.waitFor(() => expect(tailed).toContain(entry?.offset), { interval: 5 });
      }
    });

    // An entry stored while following began was never delivered, and its append waited for that until it gave up.
    rule("does not hold up an append because following its channel is just beginning", async () => {
      for (let i = 0; i < 5; i += 1) {
        const channel = `production.group.${i}`;
        // The first append to a channel takes longer than following does.
        await a.append(nodes.draft(channel));
        const listening = a.tail(() => {});
        const began = performance.now();
        await Promise.all([listening.follow(channel), a.append(nodes.draft(channel))]);
        expect(performance.now() - began).toBeLessThan(3_000);
        listening.stop();
      }
    });

    rule("goes on tailing a pattern that was followed twice until both have ended", async () => {
      const tailed: LogEntry[] = [];
      const listening = a.tail((entry) => tailed.push(entry));
      const [end] = [await listening.follow(ROOM), await listening.follow(ROOM)];
      end();
      end();
      const [entry] = await nodes.append(a, ROOM);
      expect(tailed).toEqual([entry]);
    });

    rule("tails an entry once to each listener, however many patterns bring it", async () => {
      const one: number[] = [];
      const other: number[] = [];
      const listening = a.tail(({ offset }) => one.push(offset));
      for (const pattern of [ROOM, "production.group.*", "*.group.room", "production.>", ">"]) {
        await listening.follow(pattern);
      }
      await b.tail(({ offset }) => other.push(offset)).follow("production.group.>");
      await nodes.appendMany(a, ROOM, 50);
      await nodes.append(b, HALL);
      const all = Array.from({ length: 51 }, (_, i) => i + 1);
      await vi.waitFor(() => expect(one).toEqual(all));
      await vi.waitFor(() => expect(other).toEqual(all));
    });

    rule("tails at least what is followed, once and in order, whoever comes and goes", async () => {
      let round = 0;
      const run = async (steps: Step[]): Promise<void> => {
        round += 1;
        await checkSteps(nodes, a, b, `round-${round}`, steps);
      };
      const steps = fc.array(step, { minLength: 3, maxLength: 25 });
      await fc.assert(fc.asyncProperty(steps, run), { numRuns: 40 });
    });
  });
}

type Step =
  | { readonly follow: string }
  | { readonly end: number }
  | { readonly append: string; readonly onB: boolean };

const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ follow: fc.constantFrom(">", "*.*.1", "*.sms.>", "*.group.2", "*.sms.1") }),
  fc.record({ end: fc.nat() }),
  fc.record({ append: fc.constantFrom("group.1", "group.2", "sms.1"), onB: fc.boolean() }),
);

async function checkSteps(
  nodes: LogNodes,
  a: Log,
  b: Log,
  platform: string,
  steps: readonly Step[],
): Promise<void> {
  const tailed: number[] = [];
  const expected: number[] = [];
  const followed: { pattern: string; end: () => void }[] = [];
  const listening = a.tail(({ channel, offset }) => {
    if (channel.startsWith(`${platform}.`)) tailed.push(offset);
  });
  const append = async (channel: string, log: Log): Promise<void> => {
    const { entry } = await log.append(nodes.draft(channel));
    if (!followed.some(({ pattern }) => matchesPattern(pattern, channel))) return;
    expected.push(entry.offset);
    await vi.waitFor(() => expect(tailed).toContain(entry.offset), { interval: 2 });
  };
  for (const taken of steps) {
    if ("append" in taken) await append(`${platform}.${taken.append}`, taken.onB ? b : a);
    else if ("end" in taken) {
      followed.splice(taken.end % Math.max(1, followed.length), 1)[0]?.end();
    } else followed.push({ pattern: taken.follow, end: await listening.follow(taken.follow) });
  }
  listening.stop();
  expect(tailed).toEqual([...new Set(tailed)].sort((x, y) => x - y));
  expect(tailed).toEqual(expect.arrayContaining(expected));
}
