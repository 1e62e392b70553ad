import type { LogEntry } from "@anywire/core";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { DEPLOYMENTS_CHANNEL, type DeploymentData } from "./deployment-data.ts";
import { type DeploymentState, foldDeployment, NOTHING_DEPLOYED } from "./fold-deployment.ts";

/** Functions of the revisions that tests put up. */
const FUNCTIONS: Record<string, string[]> = { A: ["a"], B: ["a", "b"], C: ["b", "c"] };

function entryOf(data: unknown, offset: number, change: Partial<LogEntry> = {}): LogEntry {
  return {
    channel: DEPLOYMENTS_CHANNEL,
    id: `id-${offset}`,
    kind: "deployment",
    sender: "account:ops",
    dataJson: typeof data === "string" ? data : JSON.stringify(data),
    offset,
    previousOffset: offset - 1,
    at: 1_000 + offset,
    timetoken: String(offset),
    ...change,
  };
}

function put(revision: string): DeploymentData {
  return { action: "put", revision, functions: FUNCTIONS[revision] ?? [], note: "" };
}

/** Offsets are 10, 20, 30 … */
function fold(decisions: readonly DeploymentData[]): DeploymentState {
  const all = [put("A"), put("B"), put("C"), ...decisions];
  return all
    .map((data, i) => entryOf(data, (i - 2) * 10 + 30))
    .reduce(foldDeployment, NOTHING_DEPLOYED);
}

function sinceOf(decisions: readonly DeploymentData[]): Record<string, number> {
  return Object.fromEntries(fold(decisions).since);
}

const activate = (revision: string): DeploymentData => ({ action: "activate", revision });
const canary = (revision: string): DeploymentData => ({
  action: "canary",
  choice: { revision, percent: 5 },
});
const shadow = (revision: string | null): DeploymentData => ({ action: "shadow", revision });

test("a revision is known by who put it up first", () => {
  const first = entryOf({ ...put("A"), note: "first" }, 1, { sender: "account:ann" });
  const again = entryOf({ ...put("A"), note: "again" }, 2, { sender: "account:bob" });
  const state = [first, again].reduce(foldDeployment, NOTHING_DEPLOYED);
  expect([...state.revisions.values()]).toEqual([
    { id: "A", functions: ["a"], at: 1_001, by: "ann", note: "first" },
  ]);
});

test("an activation ends canary and shadow", () => {
  const state = fold([activate("A"), canary("B"), shadow("C"), activate("B")]);
  expect(state).toMatchObject({ active: "B", previous: ["A"], canary: null, shadow: null });
});

test("activating what is active is no step that one goes back", () => {
  expect(fold([activate("A"), activate("B"), activate("B")]).previous).toEqual(["A"]);
});

test("one goes back step by step", () => {
  const steps = [activate("A"), activate("B"), activate("C")];
  const back: DeploymentData = { action: "rollback", from: "C", to: "B" };
  expect(fold([...steps, back])).toMatchObject({ active: "B", previous: ["A"] });
  const further: DeploymentData = { action: "rollback", from: "B", to: "A" };
  expect(fold([...steps, back, further])).toMatchObject({ active: "A", previous: [] });
});

test("what could not be loaded is no step that one goes back, unless it is activated again and can", () => {
  const fail: DeploymentData = { action: "fail", revision: "B" };
  const failed = [activate("A"), activate("B"), fail];
  expect(fold([...failed, activate("C")]).previous).toEqual(["A"]);
  const back: DeploymentData = { action: "rollback", from: "B", to: "A" };
  expect(fold([...failed, back])).toMatchObject({ active: "A", previous: [] });
  expect(fold([...failed, activate("B"), activate("C")]).previous).toEqual(["A", "B"]);
  const late: DeploymentData = { action: "fail", revision: "A" };
  expect(fold([activate("A"), activate("B"), late, activate("C")]).previous).toEqual(["A", "B"]);
});

test("of two who go back at once, one does", () => {
  const back: DeploymentData = { action: "rollback", from: "C", to: "B" };
  const state = fold([activate("A"), activate("B"), activate("C"), back, back]);
  expect(state).toMatchObject({ active: "B", previous: ["A"] });
});

test("the active revision is no canary and no shadow of itself", () => {
  expect(fold([activate("A"), canary("A"), shadow("A")])).toMatchObject({
    canary: null,
    shadow: null,
  });
});

test("canary and shadow end on their own", () => {
  const ends: DeploymentData[] = [{ action: "canary", choice: null }, shadow(null)];
  const state = fold([activate("A"), canary("B"), shadow("C"), ...ends]);
  expect(state).toMatchObject({ active: "A", canary: null, shadow: null });
});

describe("a function begins", () => {
  test("behind the activation that brings it", () => {
    expect(sinceOf([activate("A")])).toEqual({ a: 40 });
    expect(sinceOf([activate("A"), activate("B")])).toEqual({ a: 40, b: 50 });
  });

  test("where it stopped, when it is in what ran before", () => {
    expect(sinceOf([activate("B"), activate("A")])).toEqual({ a: 40, b: 40 });
  });

  test("anew, when it was gone meanwhile", () => {
    expect(sinceOf([activate("B"), activate("A"), activate("B")])).toEqual({ a: 40, b: 60 });
    const back: DeploymentData = { action: "rollback", from: "A", to: "B" };
    expect(sinceOf([activate("B"), activate("A"), back])).toEqual({ a: 40, b: 60 });
  });

  test("behind the canary that brings it, and goes on when that is activated", () => {
    expect(sinceOf([activate("A"), canary("C"), activate("C")])).toEqual({ a: 40, b: 50, c: 50 });
  });

  test("where it stopped, when only what could not be loaded was without it: it ran on", () => {
    // The broken revision counted as what ran, and what the function still had to do when it was mended or taken back was lost.
    const failed = [activate("A"), activate("C"), { action: "fail", revision: "C" } as const];
    const back: DeploymentData = { action: "rollback", from: "C", to: "A" };
    expect(sinceOf([...failed, back])).toMatchObject({ a: 40 });
    expect(sinceOf([...failed, activate("B")])).toMatchObject({ a: 40, b: 70 });
  });

  test("anew, when it was in a shadow only: that changed nothing", () => {
    expect(sinceOf([activate("A"), shadow("B"), activate("B")])).toEqual({ a: 40, b: 60 });
  });

  test("where it stopped when it is enabled, or from now on", () => {
    const off: DeploymentData = { action: "disable", name: "a" };
    const on = (fromNow: boolean): DeploymentData => ({ action: "enable", name: "a", fromNow });
    expect(fold([activate("A"), off]).disabled).toEqual(["a"]);
    expect(fold([activate("A"), off, on(false)])).toMatchObject({ disabled: [] });
    expect(sinceOf([activate("A"), off, on(false)])).toEqual({ a: 40 });
    expect(sinceOf([activate("A"), off, on(true)])).toEqual({ a: 60 });
  });
});

const revision = fc.constantFrom("A", "B", "C", "unknown");
const name = fc.constantFrom("a", "b", "__proto__");
const decision = fc.oneof(
  fc.constantFrom("A", "B", "C").map(put),
  revision.map(activate),
  fc.record({ action: fc.constant("fail"), revision }),
  fc.record({ action: fc.constant("rollback"), from: revision, to: revision }),
  fc.record({
    action: fc.constant("canary"),
    choice: fc.option(fc.record({ revision, percent: fc.integer({ min: -1, max: 101 }) })),
  }),
  fc.option(revision).map(shadow),
  fc.record({ action: fc.constant("disable"), name }),
  fc.record({ action: fc.constant("enable"), name, fromNow: fc.boolean() }),
  fc.record({ action: fc.constant("replay"), name, offset: fc.option(fc.nat()) }),
);
const garbage = fc.oneof(
  fc.string(),
  fc.json(),
  fc.record({ action: fc.string() }),
  fc.record({ action: fc.constantFrom("activate", "put", "rollback"), revision: fc.jsonValue() }),
);

test("whatever is decided, what runs was put up, and is the same for whoever folds it", () => {
  fc.assert(
    fc.property(fc.array(fc.oneof(decision, garbage)), (items) => {
      const entries = items.map((data, i) => entryOf(data, i + 1));
      let state = NOTHING_DEPLOYED;
      for (const entry of entries) {
        const next = foldDeployment(state, entry);
        expect(foldDeployment(structuredClone(state), entry)).toEqual(next);
        for (const [function_, offset] of next.since) {
          expect(offset).toBeGreaterThanOrEqual(state.since.get(function_) ?? 0);
          expect(offset).toBeLessThanOrEqual(entry.offset);
        }
        state = next;
      }
      const { active, previous, canary, shadow, disabled } = state;
      const ids = [active, ...previous, canary?.revision ?? null, shadow];
      for (const id of ids) if (id !== null) expect(state.revisions.has(id)).toBe(true);
      if (active !== null)
        expect([canary?.revision, shadow, previous.at(-1)]).not.toContain(active);
      expect(new Set(disabled).size).toBe(disabled.length);
    }),
  );
});

test("an entry that is no decision changes nothing", () => {
  const state = fold([activate("A"), canary("B")]);
  fc.assert(
    fc.property(
      fc.oneof(garbage, fc.constant({ action: "activate", revision: "unknown" })),
      (data) => {
        expect(foldDeployment(state, entryOf(data, 99))).toBe(state);
      },
    ),
  );
  expect(foldDeployment(state, entryOf(activate("C"), 99, { kind: "data" }))).toBe(state);
});
