import { AnywireError } from "@anywire/types";
import { afterEach, expect, test, vi } from "vitest";
import { FunctionBuildError, type Revision } from "../bundle/revision.ts";
import type { Deployment } from "../host/deployment.ts";
import type { Wish } from "./candidates.ts";
import { Rollout } from "./rollout.ts";

const away = new AnywireError("unavailable", "the store is away");
const rollouts: Rollout[] = [];

afterEach(async () => {
  for (const rollout of rollouts.splice(0)) await rollout.close();
});

/** A rollout of revisions by their ids, with what it loaded and ran. */
function createRollout(
  load: (id: string) => Promise<void> = async () => {},
  run: (deployment: Deployment) => Promise<void> = async () => {},
  minBackoffMs = 1,
) {
  const loaded: string[] = [];
  const ran: Deployment[] = [];
  const rollout = new Rollout({
    minBackoffMs,
    load: async (id): Promise<Revision> => {
      loaded.push(id);
      await load(id);
      return { id, functions: [] };
    },
    run: async (deployment) => {
      await run(deployment);
      ran.push(deployment);
    },
  });
  rollouts.push(rollout);
  return { rollout, loaded, ran };
}

function wish(active: string, parts: Partial<Wish> = {}): Wish {
  const actives = [active];
  return { actives, canary: null, shadow: null, disabled: [], since: new Map(), ...parts };
}

/** Rejects the first calls, so many of them. */
function failing(times: number, error: Error): () => Promise<void> {
  let left = times;
  return async () => {
    left -= 1;
    if (left >= 0) throw error;
  };
}

test("a store that is away is asked again until it gives the revision", async () => {
  const { rollout, loaded, ran } = createRollout(failing(3, away));
  await rollout.want(wish("A"));
  expect(loaded).toEqual(["A", "A", "A", "A"]);
  expect(ran.map(({ active }) => active.id)).toEqual(["A"]);
  expect(rollout.failure).toBeNull();
});

test("whoever waits for long is told, and it is tried again all the same", async () => {
  const { promise, resolve } = Promise.withResolvers<void>();
  const { rollout } = createRollout(failing(8, away), async () => resolve());
  await expect(rollout.want(wish("A"))).rejects.toBe(away);
  expect(rollout.failure).toBe(away);
  await promise;
});

test("something else that is wished ends the attempts", async () => {
  const { rollout, ran } = createRollout(async (id) => {
    if (id === "A") throw away;
  });
  const first = rollout.want(wish("A"));
  await rollout.want(wish("B"));
  await first;
  expect(ran.map(({ active }) => active.id)).toEqual(["B"]);
});

test("something else that is wished does not wait for the next attempt", async () => {
  const isAwayFor = (id: string): Promise<void> =>
    id === "A" ? Promise.reject(away) : Promise.resolve();
  const { rollout, ran } = createRollout(isAwayFor, undefined, 3_600_000);
  const first = rollout.want(wish("A"));
  await vi.waitFor(() => expect(rollout.failure).toBe(away));
  await rollout.want(wish("B"));
  await first;
  expect(ran.map(({ active }) => active.id)).toEqual(["B"]);
});

test("what cannot be loaded is not tried again by itself", async () => {
  const error = new FunctionBuildError([]);
  const { rollout, loaded } = createRollout(undefined, failing(1, error));
  const { problem, missing } = await rollout.want(wish("A"));
  expect([problem, missing]).toEqual([error, new Set(["A"])]);
  expect(loaded).toEqual(["A"]);
  expect(rollout.running?.candidate.active).toBeNull();
});

test("a revision that is not what was put up is none", async () => {
  const damaged = new AnywireError("storage_damaged", "another one");
  const { rollout, ran } = createRollout(failing(1, damaged));
  const { problem } = await rollout.want(wish("A", { actives: ["A", "B"] }));
  expect(problem).toBe(damaged);
  expect(ran.map(({ active }) => active.id)).toEqual(["B"]);
});

test("what runs is not loaded again", async () => {
  const { rollout, loaded } = createRollout();
  await rollout.want(wish("A", { shadow: "B" }));
  await rollout.want(wish("A", { canary: { revision: "B", percent: 5 }, disabled: ["greet"] }));
  await rollout.want(wish("B"));
  expect(loaded).toEqual(["A", "B"]);
});

test("any name that a function can have has its beginning", async () => {
  const { rollout, ran } = createRollout();
  await rollout.want(wish("A", { since: new Map([["__proto__", 7]]) }));
  expect(Object.entries(ran[0]?.since ?? {})).toEqual([["__proto__", 7]]);
  expect(ran[0]?.since["constructor"]).toBeUndefined();
});

test("the end lets what is under way finish, and nothing else begin", async () => {
  const { promise, resolve } = Promise.withResolvers<void>();
  const { rollout, ran } = createRollout(undefined, () => promise);
  const first = rollout.want(wish("A"));
  const second = rollout.want(wish("B"));
  const refused = expect(second).rejects.toMatchObject({ code: "unavailable" });
  const closing = rollout.close();
  resolve();
  await closing;
  expect(ran.map(({ active }) => active.id)).toEqual(["A"]);
  await Promise.all([first, refused]);
  await expect(rollout.want(wish("C"))).rejects.toMatchObject({ code: "unavailable" });
});
