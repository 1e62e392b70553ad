import { createEntryId } from "@anywire/types";
import { expect, it } from "vitest";
import { IdFilter } from "./id-filter.ts";

const COUNT = 20_000;

function ids(kind: string, count = COUNT): string[] {
  const numbered = Array.from({ length: count / 2 }, (_, i) => `${kind}-${i}`);
  return [...numbered, ...Array.from({ length: count / 2 }, createEntryId)];
}

it("knows every id that was added, and hardly takes another for one", () => {
  const filter = new IdFilter();
  const added = ids("a");
  expect(filter.mayHave("a-0")).toBe(false);
  for (const id of added) filter.add(id);
  expect(filter.size).toBe(COUNT);
  expect(added.filter((id) => !filter.mayHave(id))).toEqual([]);
  // Ten are to be expected; there were fifty when the places of an id in a small slice said too little of it.
  const others = ids("b", 10 * COUNT);
  expect(others.filter((id) => filter.mayHave(id)).length).toBeLessThan(25);
});
