import type { Log, LogEntry } from "@anywire/core";
import { createMemoryLog } from "@anywire/engines/memory";
import { expect, test } from "vitest";
import { countLog, differencesOf } from "./migrate-count.ts";

const A = "production.group.a";
const B = "staging.notification.b";

async function someEntries(): Promise<LogEntry[]> {
  const log = createMemoryLog();
  await log.start();
  for (let i = 0; i < 10; i += 1) {
    const shared = { channel: i % 2 === 0 ? A : B, id: `e-${i}`, sender: "account:ann" };
    await log.append({ ...shared, kind: "data", dataJson: `{"i":${i}}`, client: "c" });
  }
  const { entries } = await log.read({ pattern: ">", limit: 100, order: "asc" });
  await log.close();
  return [...entries];
}

/** A log of entries as they are, in pages of three. */
function logOf(entries: readonly LogEntry[]): Pick<Log, "read"> {
  return {
    read: async ({ after = 0 }) => {
      const rest = entries.filter(({ offset }) => offset > after);
      return { entries: rest.slice(0, 3), hasMore: rest.length > 3 };
    },
  };
}

async function differences(one: readonly LogEntry[], other: readonly LogEntry[]) {
  return differencesOf(await countLog(logOf(one)), await countLog(logOf(other)));
}

test("a log is counted by channels, over all its pages, and told how far that is", async () => {
  const told: number[] = [];
  const count = await countLog(logOf(await someEntries()), (entries) => void told.push(entries));
  expect(count.entries).toBe(10);
  expect(count.channels.get(A)).toMatchObject({ entries: 5, last: 9 });
  expect(count.channels.get(B)).toMatchObject({ entries: 5, last: 10 });
  expect(told).toEqual([3, 6, 9, 10]);
});

test("the same entries are no difference", async () => {
  const entries = await someEntries();
  expect(await differences(entries, structuredClone(entries))).toEqual([]);
});

test("one entry more is a difference, and so is one less", async () => {
  const entries = await someEntries();
  expect(await differences(entries.slice(0, 9), entries)).toEqual([
    `${B}: 4 entries, the last at 8 embedded, 5 entries, the last at 10 in the cluster`,
  ]);
  expect(await differences(entries, entries.slice(0, 1))).toEqual([
    `${A}: 5 entries, the last at 9 embedded, 1 entries, the last at 1 in the cluster`,
    `${B}: 5 entries, the last at 10 embedded, none in the cluster`,
  ]);
});

test.each([
  ["previousOffset", 1],
  ["id", "other"],
  ["kind", "message"],
  ["sender", "account:bob"],
  ["client", undefined],
  ["dataJson", "{}"],
  ["at", 1],
  ["timetoken", "17000000000000000"],
  ["trace", { id: "e-0", via: ["echo"] }],
])("another %s is a difference", async (field, value) => {
  const entries = await someEntries();
  const changed = entries.map((entry) => {
    return entry.offset === 5 ? ({ ...entry, [field]: value } as LogEntry) : entry;
  });
  expect(await differences(entries, changed)).toEqual([
    `${A}: 5 entries, the last at 9, of other content`,
  ]);
});

test("of many channels that differ, the first ones are named", async () => {
  const [entry] = await someEntries();
  if (entry === undefined) throw new Error("no entry");
  const many = Array.from({ length: 13 }, (_, i) => {
    return { ...entry, channel: `production.group.${i}`, offset: i + 1 };
  });
  const found = await differences(many, []);
  expect(found).toHaveLength(11);
  expect(found.at(-1)).toBe("and 3 channels more");
});
