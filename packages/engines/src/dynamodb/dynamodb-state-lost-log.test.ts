import { type EntryDraft, Projector } from "@anywire/core";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { withEngine } from "../../../../scripts/engines/with-engine.ts";
import { createMemoryLog, MemoryLogBackend } from "../memory/index.ts";
import { type DynamodbBackend, dynamodbBackend } from "./dynamodb-backend.fixture.ts";
import { killed, withFaults } from "./faulty-client.fixture.ts";
import { differenceOf, entriesOf, randomDrafts } from "./state-history.fixture.ts";

const NOW = 1_700_000_000_000;
const SEED = 5;
const damaged = { code: "storage_damaged", message: expect.stringContaining("rebuild state") };

withEngine("dynamodb", (endpoint) => {
  describe("a state whose log has lost entries", { timeout: 60_000 }, () => {
    let backend: DynamodbBackend;
    const open: { close(): Promise<void> }[] = [];

    beforeEach(async () => {
      backend = dynamodbBackend(endpoint);
      fill(backend.log, 100, NOW);
    });

    afterEach(async () => {
      vi.useRealTimers();
      for (const one of open.splice(0).reverse()) await one.close();
      await backend.dispose();
    });

    async function join(options: Parameters<DynamodbBackend["join"]>[0] = {}) {
      const node = await backend.join(options);
      open.push(node.state);
      return node;
    }

    /** The log as it came back: with the same epoch, and what a test puts into it. */
    function comeBack(count: number, now: number): MemoryLogBackend {
      const { epoch } = backend.log;
      const log = Object.assign(new MemoryLogBackend({ foldsState: false }), { epoch });
      fill(log, count, now);
      return log;
    }

    /** A state that has all entries of the log as it was. */
    async function project(): Promise<void> {
      const { state } = await join();
      await state.project(entriesOf(backend.log));
      expect(await state.position()).toBe(100);
    }

    it.each([
      { what: "its end", count: 90, now: NOW, why: /entry 100, which the log does not have/ },
      { what: "everything", count: 0, now: NOW, why: /entry 100, which the log does not have/ },
      {
        what: "its place to another",
        count: 120,
        now: NOW + 1,
        why: /entry 100 of the log is another/,
      },
    ])(
      "says so when it has lost $what, answers reads, and is what follows once it is made again",
      async ({ count, now, why }) => {
        await project();
        const left = comeBack(count, now);
        const { log, state } = await join({ log: createMemoryLog(left) });
        await expect(state.position()).rejects.toMatchObject({
          message: expect.stringMatching(why),
        });
        await expect(state.position()).rejects.toMatchObject(damaged);
        expect(await differenceOf(state, backend.log)).toBeUndefined();
        const projected = vi.spyOn(state, "project");
        const errors: unknown[] = [];
        const abort = new AbortController();
        const projector = new Projector({ log, state, onError: (error) => errors.push(error) });
        const running = projector.run(abort.signal);
        await vi.waitFor(() => expect(errors).toMatchObject([damaged]));
        // In two cases that is beyond the position.
        for (const draft of randomDrafts(50, SEED + 1))
          left.append({ ...draft, id: `${draft.id}-new` }, now);
        await expect(state.project(entriesOf(left))).rejects.toMatchObject(damaged);
        expect(projected).toHaveBeenCalledOnce();
        expect(await differenceOf(state, backend.log)).toBeUndefined();
        expect(await state.rebuild()).toMatchObject({ offset: count + 50, head: count + 50 });
        expect(await state.position()).toBe(count + 50);
        expect(await differenceOf(state, left)).toBeUndefined();
        const [opening] = randomDrafts(1, SEED);
        left.append({ ...(opening as EntryDraft), id: "last" }, now);
        await state.get([], { atLeast: count + 51 });
        expect(await differenceOf(state, left)).toBeUndefined();
        abort.abort();
        await running;
      },
    );

    it("is made from the beginning again when a rebuild of the lost entries had died", async () => {
      await project();
      let left = Number.POSITIVE_INFINITY;
      const configure = withFaults((isWrite) => {
        if (isWrite) left -= 1;
        return left < 0 ? "request lost" : "passes";
      }, killed);
      const dying = await join({ configure });
      // Begun and folded, but not put in its place.
      for (let writes = 3; ; writes += 1) {
        left = writes;
        const progress: number[] = [];
        const rebuilding = dying.state.rebuild(({ offset }) => progress.push(offset));
        await expect(rebuilding).rejects.toThrow();
        if (progress.includes(100)) break;
      }
      const after = comeBack(90, NOW + 1);
      const { state } = await join({ log: createMemoryLog(after) });
      expect(await state.rebuild()).toMatchObject({ entries: 90, offset: 90, head: 90 });
      expect(await state.position()).toBe(90);
      expect(await differenceOf(state, after)).toBeUndefined();
    });

    it("folds nothing further when entries are lost under a projector that goes on", async () => {
      const after = comeBack(150, NOW + 1);
      let current = backend.log;
      const log = createMemoryLog(backend.log);
      vi.spyOn(log, "read").mockImplementation(async (query) => current.read(query));
      const { state } = await join({ log });
      await state.project(entriesOf(backend.log));
      current = after;
      vi.useFakeTimers({ toFake: ["Date"] });
      // The log's server was away for a while.
      vi.setSystemTime(Date.now() + 2_000);
      await expect(state.project(entriesOf(after))).rejects.toMatchObject(damaged);
      expect(await differenceOf(state, backend.log)).toBeUndefined();
    });
  });
});

function fill(log: MemoryLogBackend, count: number, now: number): void {
  for (const draft of randomDrafts(100, SEED).slice(0, count)) log.append(draft, now);
  for (let i = 100; i < count; i += 1) {
    const draft = {
      channel: "production.group.a",
      kind: "message",
      sender: "account:ann",
    } as const;
    log.append({ ...draft, id: `more-${i}`, dataJson: '{"text":"more"}' }, now);
  }
}
