import type { Appended, Log, LogEntry, LogPage, LogQuery } from "@anywire/core";
import { isQuietType, matchesPattern, patternTokens } from "@anywire/types";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect } from "vitest";
import { type LogBackend, LogNodes } from "./log-nodes.ts";
import type { Rule } from "./rule.ts";

const PLATFORMS = ["production", "staging"];
const TYPES = ["group", "sms", "notification", "system", "event"];
const IDS = ["1", "2", "lobby"];
/** Enough for a driver that treats old entries and the newest in different ways. */
const ENTRIES = 2_400;
const NEWEST = 150;

const segment = (words: string[]): fc.Arbitrary<string> => fc.constantFrom(...words, "*", "none");
const pattern: fc.Arbitrary<string> = fc.oneof(
  fc.tuple(segment(PLATFORMS), segment(TYPES), segment(IDS)).map((tokens) => tokens.join(".")),
  fc.tuple(segment(PLATFORMS), segment(TYPES)).map((tokens) => `${tokens.join(".")}.>`),
  segment(PLATFORMS).map((platform) => `${platform}.>`),
  fc.constant(">"),
);
const offset = fc.integer({ min: 0, max: ENTRIES + 2 });
const query: fc.Arbitrary<LogQuery> = fc.record(
  {
    pattern,
    limit: fc.oneof(fc.integer({ min: 1, max: 100 }), fc.constant(10_000)),
    order: fc.constantFrom("asc", "desc"),
    after: offset,
    before: offset,
    withoutQuiet: fc.boolean(),
  },
  { requiredKeys: ["pattern", "limit", "order"] },
);

/** What `Log` promises about reads. */
export function describeLogReads(
  rule: Rule,
  createBackend: () => LogBackend | Promise<LogBackend>,
): void {
  describe("reads", () => {
    let nodes: LogNodes;
    let log: Log;

    beforeEach(async () => {
      nodes = new LogNodes(await createBackend());
      log = await nodes.join();
    });

    afterEach(() => nodes.dispose());

    rule("reads any pattern, range, limit and order as a plain filter would", async () => {
      const channels = fc.sample(burst, { numRuns: ENTRIES, seed: 7 }).flat().slice(0, ENTRIES);
      const append = (names: string[]): Promise<Appended[]> =>
        Promise.all(names.map((name) => log.append(nodes.draft(name))));
      const old = await append(channels.slice(NEWEST));
      const newest = await append(channels.slice(0, NEWEST));
      const entries = [...old, ...newest].map(({ entry }) => entry);
      // What is appended at once may be stored in any order.
      entries.sort((x, y) => x.offset - y.offset);
      await fc.assert(
        fc.asyncProperty(query, async (asked) => {
          expect(await log.read(asked)).toEqual(filter(entries, asked));
        }),
        { numRuns: 500 },
      );
    });

    rule("pages through everything without a gap or a repeat, both ways", async () => {
      const entries = await nodes.appendMany(log, "production.group.lobby", 57);
      const up: LogEntry[] = [];
      for (let after = 0, more = true; more; after = up.at(-1)?.offset ?? 0) {
        const page = await log.read({ pattern: "*.group.*", after, limit: 10, order: "asc" });
        up.push(...page.entries);
        more = page.hasMore;
      }
      const down: LogEntry[] = [];
      for (let before = 1e9, more = true; more; before = down.at(-1)?.offset ?? 0) {
        const page = await log.read({ pattern: "*.group.*", before, limit: 10, order: "desc" });
        down.push(...page.entries);
        more = page.hasMore;
      }
      expect(up).toEqual(entries);
      const all = { pattern: "*.group.*", order: "asc" } as const;
      expect(await log.read({ ...all, limit: 57 })).toEqual({ entries, hasMore: false });
      expect(await log.read({ ...all, limit: 56 })).toMatchObject({ hasMore: true });
      expect(down).toEqual([...entries].reverse());
    });

    rule("ends a page before its data grows longer than asked, both ways", async () => {
      const channel = "production.group.long";
      for (const size of [10, 1000, 10, 10]) {
        await log.append({
          ...nodes.draft(channel),
          dataJson: JSON.stringify("x".repeat(size - 2)),
        });
      }
      const sizes = async (order: "asc" | "desc", after: number, maxLength: number) => {
        const page = await log.read({ pattern: channel, limit: 10, order, after, maxLength });
        return { sizes: page.entries.map((e) => e.dataJson.length), hasMore: page.hasMore };
      };
      expect(await sizes("asc", 0, 500)).toEqual({ sizes: [10], hasMore: true });
      expect(await sizes("asc", 1, 500)).toEqual({ sizes: [1000], hasMore: true });
      expect(await sizes("asc", 2, 20)).toEqual({ sizes: [10, 10], hasMore: false });
      expect(await sizes("desc", 0, 25)).toEqual({ sizes: [10, 10], hasMore: true });
      expect(await sizes("desc", 0, 1030)).toEqual({ sizes: [10, 10, 1000, 10], hasMore: false });
    });

    rule("answers the head of a channel, and of the log for a pattern", async () => {
      expect(await log.head(">")).toBe(0);
      await nodes.append(log, "production.group.1", "production.sms.1", "production.sms.2");
      expect(await log.head("production.group.1")).toBe(1);
      expect(await log.head("production.group.none")).toBe(0);
      expect(await log.head("production.group.*")).toBe(3);
    });

    rule("refuses a pattern or a limit that is none", async () => {
      const bad: LogQuery[] = [
        { pattern: "production..x", limit: 1, order: "asc" },
        { pattern: "production.sms", limit: 1, order: "asc" },
        { pattern: ">", limit: 0, order: "asc" },
        { pattern: ">", limit: 10_001, order: "asc" },
        { pattern: ">", limit: 1.5, order: "asc" },
      ];
      for (const asked of bad) {
        await expect(log.read(asked)).rejects.toMatchObject({ code: "bad_request" });
      }
      await expect(log.head("a.b")).rejects.toMatchObject({ code: "bad_request" });
    });
  });
}

const channel: fc.Arbitrary<string> = fc
  .tuple(fc.constantFrom(...PLATFORMS), fc.constantFrom(...TYPES), fc.constantFrom(...IDS))
  .map((segments) => segments.join("."));

/** Several entries of one channel in a row, so that channels and scopes lie unevenly in the log. */
const burst: fc.Arbitrary<string[]> = fc
  .tuple(channel, fc.integer({ min: 1, max: 25 }))
  .map(([name, length]) => Array.from({ length }, () => name));

/** The model: what `Log.read` means. */
function filter(entries: readonly LogEntry[], asked: LogQuery): LogPage {
  const { pattern: wanted, after = 0, before = Number.POSITIVE_INFINITY, limit, order } = asked;
  const isOfAnyType = patternTokens(wanted)[1] === "*";
  const isLeftOut = (name: string): boolean =>
    asked.withoutQuiet === true && isOfAnyType && isQuietType(name.split(".")[1] ?? "");
  const found = entries.filter(
    (entry) =>
      entry.offset > after &&
      entry.offset < before &&
      matchesPattern(wanted, entry.channel) &&
      !isLeftOut(entry.channel),
  );
  if (order === "desc") found.reverse();
  return { entries: found.slice(0, limit), hasMore: found.length > limit };
}
