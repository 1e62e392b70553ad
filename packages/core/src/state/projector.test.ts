import { createMemoryLog } from "@anywire/engines/memory";
import { AnywireError } from "@anywire/types";
import { afterEach, expect, test, vi } from "vitest";
import type { Log, LogEntry } from "../ports/log.ts";
import { Projector } from "./projector.ts";

const draft = (id: string, text = "x") =>
  ({
    channel: "p.group.a",
    id,
    kind: "message",
    sender: "account:ann",
    dataJson: JSON.stringify({ text }),
  }) as const;

/** A state that remembers what was projected, and waits or fails when a test wants it to. */
class RecordingState {
  readonly batches: number[][] = [];
  /** Resolves when a batch may go on. */
  gate: Promise<void> = Promise.resolve();
  failures = 0;
  /** Why it can't be gone on with. */
  damage: AnywireError | undefined;
  #position = 0;

  get offsets(): number[] {
    return this.batches.flat();
  }

  async position(): Promise<number> {
    if (this.damage !== undefined) throw this.damage;
    return this.#position;
  }

  async project(entries: readonly LogEntry[]): Promise<void> {
    await this.gate;
    if (this.failures > 0) {
      this.failures -= 1;
      throw new AnywireError("unavailable", "not now");
    }
    this.batches.push(entries.map(({ offset }) => offset));
    this.#position = entries.at(-1)?.offset ?? this.#position;
  }
}

async function setUp(batchSize = 10) {
  const log = createMemoryLog();
  await log.start();
  const state = new RecordingState();
  const errors: AnywireError[] = [];
  const projector = new Projector({
    log,
    state,
    batchSize,
    onError: (error) => errors.push(error),
  });
  const abort = new AbortController();
  const run = () => projector.run(abort.signal);
  return { log, state, errors, abort, run, projector };
}

afterEach(() => {
  vi.restoreAllMocks();
});

const upTo = (count: number): number[] => Array.from({ length: count }, (_, i) => i + 1);

test("projects what is in the log, then each entry as it comes, once and in order", async () => {
  const { log, state, abort, run } = await setUp();
  for (let i = 0; i < 25; i += 1) await log.append(draft(`a-${i}`));
  const running = run();
  for (let i = 0; i < 25; i += 1) await log.append(draft(`b-${i}`));
  await vi.waitFor(() => expect(state.offsets).toEqual(upTo(50)));
  expect(Math.max(...state.batches.map(({ length }) => length))).toBeLessThanOrEqual(10);
  abort.abort();
  await running;
});

test("projects together what comes while it is busy", async () => {
  const { log, state, abort, run } = await setUp(500);
  const running = run();
  await log.append(draft("first"));
  await vi.waitFor(() => expect(state.offsets).toEqual([1]));
  const busy = Promise.withResolvers<void>();
  state.gate = busy.promise;
  for (let i = 0; i < 100; i += 1) await log.append(draft(`m-${i}`));
  busy.resolve();
  await vi.waitFor(() => expect(state.offsets).toEqual(upTo(101)));
  expect(state.batches.length).toBeLessThan(5);
  abort.abort();
  await running;
});

test("keeps batches of large entries small, in the log or on its tail", async () => {
  const { log, state, abort, run } = await setUp(500);
  for (let i = 0; i < 4; i += 1) await log.append(draft(`m-${i}`, "x".repeat(600_000)));
  const running = run();
  await vi.waitFor(() => expect(state.batches).toEqual([[1], [2], [3], [4]]));
  const busy = Promise.withResolvers<void>();
  state.gate = busy.promise;
  for (let i = 0; i < 4; i += 1) await log.append(draft(`n-${i}`, "x".repeat(600_000)));
  busy.resolve();
  await vi.waitFor(() => expect(state.batches).toEqual(upTo(8).map((offset) => [offset])));
  abort.abort();
  await running;
});

test("reads from the log what is too much to wait in memory", async () => {
  const { log, state, abort, run } = await setUp(5_000);
  const running = run();
  await log.append(draft("first"));
  await vi.waitFor(() => expect(state.offsets).toEqual([1]));
  const busy = Promise.withResolvers<void>();
  state.gate = busy.promise;
  await Promise.all(upTo(25_000).map((i) => log.append(draft(`m-${i}`))));
  busy.resolve();
  await vi.waitFor(() => expect(state.offsets).toHaveLength(25_001));
  expect(state.offsets).toEqual(upTo(25_001));
  await log.append(draft("last"));
  await vi.waitFor(() => expect(state.offsets.at(-1)).toBe(25_002));
  abort.abort();
  await running;
});

test("takes the work up again after a failure, and tells of the first in a row", async () => {
  const { log, state, errors, abort, run } = await setUp();
  const running = run();
  await log.append(draft("a"));
  await vi.waitFor(() => expect(state.offsets).toEqual([1]));
  state.failures = 3;
  await log.append(draft("b"));
  await vi.waitFor(() => expect(state.offsets).toEqual([1, 2]));
  expect(errors).toMatchObject([{ code: "unavailable" }]);
  state.failures = 1;
  await log.append(draft("c"));
  await vi.waitFor(() => expect(state.offsets).toEqual([1, 2, 3]));
  expect(errors).toHaveLength(2);
  abort.abort();
  await running;
});

test("asks where the state is when the log goes back to earlier offsets, and waits until that is sound", async () => {
  const before = createMemoryLog();
  await before.start();
  for (let i = 0; i < 5; i += 1) await before.append(draft(`a-${i}`));
  const entries = (await before.read({ pattern: ">", limit: 10, order: "asc" })).entries;
  const state = new RecordingState();
  const errors: AnywireError[] = [];
  let tell: (entry: LogEntry) => void = () => {};
  let isEmpty = true;
  const log: Pick<Log, "read" | "tail" | "head"> = {
    head: async () => (isEmpty ? 0 : 4),
    read: async () => ({ entries: isEmpty ? [] : entries.slice(0, 4), hasMore: false }),
    tail: (deliver) => {
      tell = deliver;
      return { hearsAll: false, follow: async () => () => {}, stop: () => {} };
    },
  };
  const abort = new AbortController();
  const onError = (error: AnywireError): void => void errors.push(error);
  const running = new Projector({ log, state, onError }).run(abort.signal);
  await vi.waitFor(() => {
    for (const entry of entries) tell(entry);
    expect(state.offsets).toEqual(upTo(5));
  });
  // Its end was lost, and others took the offsets.
  state.damage = new AnywireError("storage_damaged", "entry 5 is lost");
  isEmpty = false;
  tell({ ...(entries[3] as LogEntry), id: "b-3" });
  await vi.waitFor(() => expect(errors).toEqual([state.damage]));
  expect(state.offsets).toEqual(upTo(5));
  state.damage = undefined;
  await vi.waitFor(() => expect(state.offsets).toEqual([1, 2, 3, 4, 5, 1, 2, 3, 4]));
  abort.abort();
  await running;
});

test("ends when it is told to, after the batch it is at", async () => {
  const { log, state, abort, run } = await setUp();
  const busy = Promise.withResolvers<void>();
  state.gate = busy.promise;
  await log.append(draft("a"));
  let hasEnded = false;
  const running = run().then(() => {
    hasEnded = true;
  });
  await new Promise((resolve) => setImmediate(resolve));
  abort.abort();
  await new Promise((resolve) => setImmediate(resolve));
  expect(hasEnded).toBe(false);
  busy.resolve();
  await running;
  expect(state.offsets).toEqual([1]);
  await run();
  expect(state.offsets).toEqual([1]);
});

/** A clock that stands still unless a test moves it. */
function stoppedClock(): { now: number } {
  const clock = { now: 1_700_000_000_000 };
  vi.spyOn(Date, "now").mockImplementation(() => clock.now);
  return clock;
}

test("says how many entries the state lacks and how old the oldest is, also of those that nobody has read yet", async () => {
  const clock = stoppedClock();
  const { log, state, abort, run, projector } = await setUp();
  const busy = Promise.withResolvers<void>();
  state.gate = busy.promise;
  for (let i = 0; i < 25; i += 1) await log.append(draft(`a-${i}`));
  expect(projector.lag()).toBeUndefined();
  const running = run();
  clock.now += 3_000;
  await vi.waitFor(() => expect(projector.lag()).toEqual({ entries: 25, ageMs: 3_000 }));
  for (let i = 0; i < 5; i += 1) await log.append(draft(`b-${i}`));
  clock.now += 1_000;
  expect(projector.lag()).toEqual({ entries: 30, ageMs: 4_000 });
  busy.resolve();
  await vi.waitFor(() => expect(projector.lag()).toEqual({ entries: 0, ageMs: 0 }));
  expect(state.offsets).toEqual(upTo(30));
  abort.abort();
  await running;
  expect(projector.lag()).toBeUndefined();
});

test("counts the age from the oldest entry that is left", async () => {
  const clock = stoppedClock();
  const { log, state, abort, run, projector } = await setUp();
  const running = run();
  await vi.waitFor(() => expect(projector.lag()).toEqual({ entries: 0, ageMs: 0 }));
  const [first, second] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  state.gate = first.promise;
  await log.append(draft("a"));
  // Its batch has begun.
  await new Promise((resolve) => setImmediate(resolve));
  clock.now += 1_000;
  await log.append(draft("b"));
  clock.now += 500;
  expect(projector.lag()).toEqual({ entries: 2, ageMs: 1_500 });
  state.gate = second.promise;
  first.resolve();
  await vi.waitFor(() => expect(projector.lag()).toEqual({ entries: 1, ageMs: 500 }));
  second.resolve();
  await vi.waitFor(() => expect(projector.lag()).toEqual({ entries: 0, ageMs: 0 }));
  abort.abort();
  await running;
});

test("is the further behind the longer it fails, until it has caught up", async () => {
  const clock = stoppedClock();
  const { log, state, errors, abort, run, projector } = await setUp();
  await log.append(draft("a"));
  state.damage = new AnywireError("storage_damaged", "entry 9 is lost");
  const running = run();
  await vi.waitFor(() => expect(errors).toHaveLength(1));
  clock.now += 7_000;
  // How much the state lacks is not known before it is known where it is.
  expect(projector.lag()).toEqual({ entries: undefined, ageMs: 7_000 });
  state.failures = Number.POSITIVE_INFINITY;
  state.damage = undefined;
  await vi.waitFor(() => expect(projector.lag()).toEqual({ entries: 1, ageMs: 7_000 }));
  state.failures = 0;
  await vi.waitFor(() => expect(projector.lag()).toEqual({ entries: 0, ageMs: 0 }));
  abort.abort();
  await running;
});
