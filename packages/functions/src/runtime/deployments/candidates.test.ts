import { expect, test } from "vitest";
import { candidatesOf, missingIn, type Wish } from "./candidates.ts";

function wish(parts: Partial<Wish>): Wish {
  return { actives: [], canary: null, shadow: null, disabled: [], since: new Map(), ...parts };
}

function candidates(parts: Partial<Wish>): string[] {
  return [...candidatesOf(wish(parts))].map(({ active, canary, shadow }) =>
    [active, canary?.revision ?? null, shadow].map((id) => id ?? "-").join(" "),
  );
}

test("what was wished comes first, no function at all last", () => {
  expect(candidates({ actives: ["B", "A"] })).toEqual(["B - -", "A - -", "- - -"]);
});

test("shadow and canary are left out before the active one is", () => {
  const canary = { revision: "C", percent: 5 };
  expect(candidates({ actives: ["A"], canary, shadow: "S" }).slice(0, 4)).toEqual([
    "A C S",
    "A C -",
    "A - S",
    "A - -",
  ]);
});

test("what takes the active one's place is no canary or shadow of itself", () => {
  const canary = { revision: "A", percent: 5 };
  expect(candidates({ actives: ["B", "A"], canary })).toContain("A - -");
  expect(candidates({ actives: ["B", "A"], canary })).not.toContain("A A -");
  expect(candidates({ actives: ["B", "A"], shadow: "A" })).not.toContain("A - A");
});

test("what is missing is what was wished and does not run", () => {
  const canary = { revision: "C", percent: 5 };
  const all = wish({ actives: ["B", "A"], canary, shadow: "S" });
  expect(missingIn({ active: "B", canary, shadow: "S" }, all)).toEqual(new Set());
  expect(missingIn({ active: "A", canary: null, shadow: null }, all)).toEqual(
    new Set(["B", "C", "S"]),
  );
});
