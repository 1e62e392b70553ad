import { isLate } from "@anywire/core";
import { describe, expect, it } from "vitest";
import { withEngine } from "../../../../scripts/engines/with-engine.ts";
import { chunksOf } from "../shared/map-limit.ts";
import { type DynamodbBackend, dynamodbBackend } from "./dynamodb-backend.fixture.ts";
import { type Fate, killed, passingError, withFaults } from "./faulty-client.fixture.ts";
import {
  differenceOf,
  entriesOf,
  opened,
  randomDrafts,
  randomNumbers,
} from "./state-history.fixture.ts";

/** A node whose process ends at one of its writes: from then on nothing comes through. */
function dyingAt(write: number, fate: Fate) {
  const life = { isArmed: false, isOver: false };
  let writes = 0;
  const configure = withFaults((isWrite) => {
    if (life.isOver) return "request lost";
    if (!life.isArmed || !isWrite) return "passes";
    life.isOver = writes === write;
    writes += 1;
    return life.isOver ? fate : "passes";
  }, killed);
  return { life, configure };
}

/** A backend whose log holds these entries. */
function backendWith(endpoint: string, drafts: ReturnType<typeof randomDrafts>): DynamodbBackend {
  const backend = dynamodbBackend(endpoint);
  for (const draft of drafts) backend.log.append(draft, 1_700_000_000_000);
  return backend;
}

/** One batch that is projected after others and before the rest. */
interface CrashCase {
  readonly name: string;
  readonly before: number;
  readonly batch: number;
  /** Entries of the batches in which another projector goes on. */
  readonly rest: number;
}

const CASES: readonly CrashCase[] = [
  { name: "of a batch that fits in one transaction", before: 0, batch: 12, rest: 70 },
  { name: "of a batch that takes many", before: 40, batch: 180, rest: 50 },
];

/** Lets a projector die at a write, and another go on. False when the first was through before that write. */
async function dieAndGoOn(
  endpoint: string,
  { before, batch, rest }: CrashCase,
  write: number,
  fate: Fate,
): Promise<boolean> {
  const backend = backendWith(endpoint, randomDrafts(220, 7));
  const entries = entriesOf(backend.log);
  const { life, configure } = dyingAt(write, fate);
  const first = await backend.join({ configure });
  await first.state.project(entries.slice(0, before));
  life.isArmed = true;
  await first.state.project(entries.slice(before, before + batch)).catch(() => {});
  // It may die over what it does in the background.
  await first.state.close();
  const second = await backend.join();
  const reached = await second.state.position();
  expect([before, before + batch]).toContain(reached);
  expect(await differenceOf(second.state, backend.log, reached)).toBeUndefined();
  for (const next of chunksOf(entries, rest)) {
    await second.state.project(next);
    const upTo = Math.max(reached, next.at(-1)?.offset ?? 0);
    expect(await differenceOf(second.state, backend.log, upTo)).toBeUndefined();
  }
  await second.state.close();
  await backend.dispose();
  return life.isOver;
}

withEngine("dynamodb", (endpoint) => {
  describe("a projector that dies between any two writes", { timeout: 120_000 }, () => {
    for (const one of CASES) {
      for (const fate of ["request lost", "answer lost"] as const) {
        it(`leaves nothing half done ${one.name}, its last ${fate}`, async () => {
          let deaths = 0;
          while (await dieAndGoOn(endpoint, one, deaths, fate)) deaths += 1;
          expect(deaths).toBeGreaterThan(one.batch > 100 ? 5 : 1);
        });
      }
    }
  });

  it("tells the others that they have missed something when one died before it told", async () => {
    const backend = backendWith(endpoint, []);
    const { log, hub } = backend;
    const first = await backend.join();
    const second = await backend.join();
    const heard: (number | "missed")[] = [];
    const listening = second.state.watch({
      onChange: ({ entry }) => heard.push(entry.offset),
      onMissed: () => heard.push("missed"),
    });
    await listening.follow("production.group.*");
    const append = (id: string) =>
      log.append(opened(`production.group.${id}`, id, ["ann"]), 1).entry;
    await first.state.project([append("a")]);
    await expect.poll(() => heard).toEqual([1]);
    hub.isCut = true;
    await first.state.project([append("b")]);
    hub.isCut = false;
    // The next one takes up the work, and has nothing to do.
    await second.state.project(entriesOf(log));
    await expect.poll(() => heard).toEqual([1, "missed"]);
    await second.state.project([append("c")]);
    await expect.poll(() => heard).toEqual([1, "missed", 3]);
    await Promise.all([first.state.close(), second.state.close()]);
    await backend.dispose();
  });

  it("reads what came into the state before it was followed, though it was not heard of", async () => {
    const backend = backendWith(endpoint, []);
    const [first, second] = [await backend.join(), await backend.join({ maxAgeMs: 60_000 })];
    const listening = second.state.watch({ onChange: () => {} });
    backend.hub.isCut = true;
    const { entry } = backend.log.append(opened("production.group.a", "o", ["ann"]), 1);
    await first.state.project([entry]);
    backend.hub.isCut = false;
    expect(await second.state.get([])).toMatchObject({ position: 0 });
    await listening.follow("production.group.a");
    expect(await second.state.get([])).toMatchObject({ position: 1 });
    await Promise.all([first.state.close(), second.state.close()]);
    await backend.dispose();
  });

  it("does not wait for news that were lost to say whether an entry was refused", async () => {
    const backend = backendWith(endpoint, []);
    const { log, hub } = backend;
    const [first, second] = [await backend.join(), await backend.join()];
    const heard: (number | "missed")[] = [];
    const listening = second.state.watch({
      onChange: ({ entry }) => heard.push(entry.offset),
      onMissed: () => heard.push("missed"),
    });
    await listening.follow("production.group.*");
    for (const id of ["o", "again"]) log.append(opened("production.group.a", id, ["ann"]), 1);
    hub.isCut = true;
    await first.state.project(entriesOf(log));
    if (!isLate(second.state)) throw new Error("a state in DynamoDB comes along after its log");
    expect(await second.state.refusalOf(2)).toMatchObject({ code: "conflict" });
    expect(await second.state.refusalOf(1)).toBeUndefined();
    expect(heard).toEqual(["missed"]);
    await Promise.all([first.state.close(), second.state.close()]);
    await backend.dispose();
  });

  describe("throttling and lost answers", { timeout: 120_000 }, () => {
    for (const share of [10, 30, 50]) {
      it(`come to the same state when ${share} of 100 calls fail`, async () => {
        const backend = backendWith(endpoint, randomDrafts(300, share));
        const below = randomNumbers(share);
        const names = [
          "ThrottlingException",
          "ProvisionedThroughputExceededException",
          "TimeoutError",
        ];
        const configure = withFaults(
          () => {
            if (below(100) >= share) return "passes";
            return below(2) === 0 ? "request lost" : "answer lost";
          },
          () => passingError(names[below(names.length)]),
        );
        const { state } = await backend.join({ configure, retryMs: 60_000 });
        for (const [i, next] of chunksOf(entriesOf(backend.log), 150).entries()) {
          // Large batches and small ones.
          for (const part of chunksOf(next, i === 0 ? 150 : 10)) await state.project(part);
        }
        expect(await differenceOf(state, backend.log)).toBeUndefined();
        await state.close();
        await backend.dispose();
      });
    }

    it("end in a refusal that says so when they do not end", async () => {
      const backend = backendWith(endpoint, randomDrafts(5, 1));
      let isThrottled = false;
      const configure = withFaults(
        () => (isThrottled ? "request lost" : "passes"),
        () => passingError(),
      );
      const { state } = await backend.join({ configure, retryMs: 200 });
      isThrottled = true;
      await expect(state.project(entriesOf(backend.log))).rejects.toMatchObject({
        code: "unavailable",
        message: expect.stringContaining("ThrottlingException"),
      });
      isThrottled = false;
      await state.project(entriesOf(backend.log));
      expect(await differenceOf(state, backend.log)).toBeUndefined();
      await state.close();
      await backend.dispose();
    });
  });
});
