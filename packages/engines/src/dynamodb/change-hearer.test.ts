import type { StateChange } from "@anywire/core";
import { beforeEach, expect, it } from "vitest";
import { ChangeHearer } from "./change-hearer.ts";

let told: (number | "missed")[];
let reads: ((change: StateChange | null) => void)[];
let hearer: ChangeHearer;

/** An entry, told after the position before it unless said otherwise. */
const change = (offset: number, from = 10): StateChange & { readonly from: number } => {
  const entry = {
    channel: "p.group.a",
    id: `${offset}`,
    kind: "message",
    sender: "account:ann",
  } as const;
  const at = { previousOffset: 0, at: 1, timetoken: "1", dataJson: "{}" };
  return { from, entry: { ...entry, ...at, offset }, items: [] };
};
const position = (from: number, to: number) => ({ from, position: to });

/** Resolves once what is being read was told. */
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

beforeEach(() => {
  told = [];
  reads = [];
  const watcher = {
    onChange: ({ entry }: StateChange) => void told.push(entry.offset),
    onMissed: () => void told.push("missed"),
  };
  const read = () =>
    new Promise<StateChange>((resolve, reject) => {
      reads.push((found) => (found === null ? reject(new Error("no answer")) : resolve(found)));
    });
  hearer = new ChangeHearer(watcher, read, 10);
});

it("tells an entry once that comes on two topics, and none that was there before", () => {
  for (const offset of [9, 10, 11, 11, 12, 11]) hearer.onChange(change(offset));
  expect(told).toEqual([11, 12]);
});

it("says that something was missed when the position moved from elsewhere, and tells nothing older after it", () => {
  hearer.onChange(change(11));
  hearer.onPosition(position(10, 11));
  hearer.onPosition(position(13, 15));
  hearer.onChange(change(14));
  hearer.onPosition(position(11, 13));
  hearer.onChange(change(16, 15));
  hearer.onPosition(position(15, 16));
  expect(told).toEqual([11, "missed", 16]);
});

it("says that something was missed before it tells what came after", () => {
  hearer.onChange(change(11));
  hearer.onPosition(position(10, 11));
  hearer.onChange(change(14, 13));
  hearer.onChange(change(12, 11));
  hearer.onPosition(position(11, 13));
  hearer.onPosition(position(13, 14));
  expect(told).toEqual([11, "missed", 14]);
});

it("misses nothing by a projector that begins where the last one stopped", () => {
  hearer.onPosition(position(10, 10));
  hearer.onPosition(position(10, 12));
  hearer.onPosition(position(12, 12));
  expect(told).toEqual([]);
});

it("keeps the order while an entry is being read that was too large", async () => {
  hearer.onChange({ from: 10, channel: "p.group.a", offset: 11 });
  hearer.onChange({ from: 10, channel: "p.group.a", offset: 11 });
  hearer.onChange(change(12));
  hearer.onMissed();
  hearer.onChange({ from: 10, channel: "p.group.a", offset: 13 });
  expect(told).toEqual([]);
  reads[0]?.(change(11));
  await turn();
  expect(told).toEqual([11, 12, "missed"]);
  reads[1]?.(null);
  await turn();
  expect(told).toEqual([11, 12, "missed", "missed"]);
  hearer.onChange(change(14));
  expect(told.at(-1)).toBe(14);
  expect(reads).toHaveLength(2);
});

it("tells nothing once it is stopped, also of what is being read", async () => {
  hearer.onChange({ from: 10, channel: "p.group.a", offset: 11 });
  hearer.onChange(change(12));
  hearer.stop();
  hearer.onChange(change(13));
  reads[0]?.(change(11));
  await turn();
  expect(told).toEqual([]);
});

// Where something was always being read, whoever asked waited for ever.
it("is settled once what was heard before is told, whatever is heard after that", async () => {
  hearer.onChange({ from: 10, channel: "p.group.a", offset: 11 });
  const settled = hearer.settled();
  hearer.onChange({ from: 10, channel: "p.group.a", offset: 12 });
  reads[0]?.(change(11));
  await settled;
  expect(told).toEqual([11]);
});
