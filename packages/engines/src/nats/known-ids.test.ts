import { createEntryId } from "@anywire/types";
import { describe, expect, it } from "vitest";
import { BEGINNING, earliestOf, KnownIds } from "./known-ids.ts";

const DAY = 24 * 3_600_000;
const NOW = Date.UTC(2026, 0, 10);

function idMadeAt(ms: number): string {
  const hex = ms.toString(16).padStart(12, "0");
  return `${hex.slice(0, 8)}-${hex.slice(8)}-7abc-8def-0123456789ab`;
}

describe("the earliest moment at which an id can have been stored", () => {
  it("is a day before the time in a UUID version 7", () => {
    expect(earliestOf(idMadeAt(NOW - DAY), NOW)).toBe(NOW - 2 * DAY);
    expect(earliestOf(createEntryId(), Date.now())).toBeGreaterThan(Date.now() - DAY - 1_000);
  });

  it("is a day before now when a client's clock is ahead", () => {
    expect(earliestOf(idMadeAt(NOW + DAY), NOW)).toBe(NOW - DAY);
  });

  it("is the beginning for an id from further in the future, or without a time", () => {
    expect(earliestOf(idMadeAt(NOW + DAY + 1), NOW)).toBe(BEGINNING);
    const others = [
      "m-1",
      "",
      "0f8fad5b-d9cb-469f-a165-70867728950e",
      idMadeAt(NOW).replaceAll("-", "_"),
    ];
    for (const id of others) expect(earliestOf(id, NOW)).toBe(BEGINNING);
  });
});

describe("the ids that are known", () => {
  it("cover what was stored after the moment from which on all were added", () => {
    const ids = new KnownIds(10, NOW);
    expect(ids.covers(NOW + 1)).toBe(true);
    expect(ids.covers(NOW)).toBe(false);
    ids.extend(5, NOW - DAY);
    expect(ids.covers(NOW)).toBe(true);
    expect(ids.covers(NOW - DAY)).toBe(false);
  });

  it("fade: a new one is told still, of one that is there it is not known any more where it is", () => {
    const ids = new KnownIds(0, BEGINNING);
    for (let i = 1; i <= 100; i += 1) ids.add(`m-${i}`, i);
    expect(ids.isUnsure("m-7")).toBe(false);
    ids.fade();
    ids.add("m-101", 101);
    expect([ids.find("m-7"), ids.isUnsure("m-7")]).toEqual([undefined, true]);
    expect([ids.find("m-101"), ids.isUnsure("m-101")]).toEqual([101, false]);
    expect(ids.isUnsure("m-102")).toBe(false);
    expect(ids.size).toBeLessThan(10);
  });

  it("cover everything once they go back to the first entry", () => {
    expect(new KnownIds(0, NOW).covers(BEGINNING)).toBe(true);
  });
});
