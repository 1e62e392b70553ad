import { Projector, type RebuildProgress } from "@anywire/core";
import { ScanCommand } from "@aws-sdk/client-dynamodb";
import { describe, expect, it } from "vitest";
import { withEngine } from "../../../../scripts/engines/with-engine.ts";
import { type DynamodbBackend, dynamodbBackend } from "./dynamodb-backend.fixture.ts";
import { killed, withFaults } from "./faulty-client.fixture.ts";
import { differenceOf, entriesOf, opened, randomDrafts } from "./state-history.fixture.ts";

/** How many rows each generation has; `meta` for those that say which is which. */
async function rowsByGeneration(backend: DynamodbBackend): Promise<Record<string, number>> {
  const counts: Record<string, number> = {};
  let ExclusiveStartKey: Record<string, { S: string }> | undefined;
  do {
    const start = ExclusiveStartKey === undefined ? {} : { ExclusiveStartKey };
    const input = { TableName: backend.table, ConsistentRead: true, ...start };
    const { Items = [], LastEvaluatedKey } = await backend.client().send(new ScanCommand(input));
    for (const { pk } of Items) {
      if (pk?.S?.startsWith("refusal|")) continue;
      const generation = pk?.S?.split("|")[1] ?? "meta";
      counts[generation] = (counts[generation] ?? 0) + 1;
    }
    ExclusiveStartKey = LastEvaluatedKey as typeof ExclusiveStartKey;
  } while (ExclusiveStartKey !== undefined);
  return counts;
}

withEngine("dynamodb", (endpoint) => {
  describe("a rebuild", { timeout: 120_000 }, () => {
    it("misses nothing that is appended meanwhile, and takes the place of the state at once", async () => {
      const backend = dynamodbBackend(endpoint);
      const drafts = randomDrafts(400, 5);
      const { log, state } = await backend.join();
      const other = await backend.join();
      const abort = new AbortController();
      const errors: unknown[] = [];
      const onError = (error: unknown): void => void errors.push(error);
      const projectors = [state, other.state].map((one) =>
        new Projector({ log, state: one, onError }).run(abort.signal),
      );
      for (const draft of drafts.slice(0, 200)) await log.append(draft);
      let isRebuilding = true;
      const progress: RebuildProgress[] = [];
      const rebuilding = other.state
        .rebuild((each) => progress.push(each))
        .finally(() => {
          isRebuilding = false;
        });
      let sent = 200;
      let position = 0;
      for (; isRebuilding || sent < drafts.length; sent += 1) {
        const draft = drafts[sent];
        if (draft !== undefined) await log.append(draft);
        // Whoever reads meanwhile never sees it go back.
        const { position: now } = await state.get([]);
        expect(now).toBeGreaterThanOrEqual(position);
        position = now;
      }
      const last = await rebuilding;
      expect(progress.at(-1)).toEqual(last);
      expect(last.entries).toBe(last.offset);
      expect(last.head).toBeGreaterThanOrEqual(last.offset);
      for (const one of [state, other.state]) {
        await one.get([], { atLeast: backend.log.head(">") });
        expect(await differenceOf(one, backend.log)).toBeUndefined();
      }
      abort.abort();
      await Promise.all(projectors);
      expect(errors).toEqual([]);
      await Promise.all([state.close(), other.state.close()]);
      await backend.dispose();
    });

    it("goes on where it died, wherever that was, and lets the state move on", async () => {
      for (let write = 0, isOver = true; isOver; write += 1) {
        const backend = dynamodbBackend(endpoint);
        for (const draft of randomDrafts(150, 8)) backend.log.append(draft, 1_700_000_000_000);
        const entries = entriesOf(backend.log);
        let left = Number.POSITIVE_INFINITY;
        const configure = withFaults((isWrite) => {
          if (isWrite) left -= 1;
          return left < 0 ? "request lost" : "passes";
        }, killed);
        const dying = await backend.join({ configure });
        await dying.state.project(entries.slice(0, 100));
        left = write;
        isOver = await dying.state.rebuild().then(
          () => false,
          () => true,
        );
        await dying.state.close();
        const next = await backend.join();
        // Also when the rebuild died while it held the state still.
        await next.state.project(entries);
        expect(await differenceOf(next.state, backend.log)).toBeUndefined();
        expect(await next.state.rebuild()).toMatchObject({ offset: 150, head: 150 });
        expect(await differenceOf(next.state, backend.log)).toBeUndefined();
        await next.state.close();
        await backend.dispose();
      }
    });

    it("made on two nodes at once is one", async () => {
      const backend = dynamodbBackend(endpoint);
      for (const draft of randomDrafts(300, 9)) backend.log.append(draft, 1_700_000_000_000);
      const nodes = [await backend.join(), await backend.join()];
      await nodes[0]?.state.project(entriesOf(backend.log));
      const made = await Promise.all(nodes.map(({ state }) => state.rebuild()));
      expect(made.map(({ offset }) => offset)).toEqual([300, 300]);
      for (const { state } of nodes) {
        expect(await differenceOf(state, backend.log)).toBeUndefined();
        await state.close();
      }
      await backend.dispose();
    });

    it("says that changes may have been missed, and its projectors go on telling", async () => {
      const backend = dynamodbBackend(endpoint);
      const { state } = await backend.join();
      const append = (id: string) =>
        backend.log.append(opened(`production.group.${id}`, id, ["ann"]), 1).entry;
      await state.project([append("a")]);
      const heard: (number | "missed")[] = [];
      const listening = state.watch({
        onChange: ({ entry }) => heard.push(entry.offset),
        onMissed: () => heard.push("missed"),
      });
      await listening.follow("production.group.*");
      append("b");
      await state.rebuild();
      await expect.poll(() => heard).toEqual(["missed"]);
      await state.project([append("c")]);
      await expect.poll(() => heard).toEqual(["missed", 3]);
      await state.close();
      await backend.dispose();
    });

    it("leaves nothing of what it replaced, once nobody reads it any more", async () => {
      const backend = dynamodbBackend(endpoint);
      for (const draft of randomDrafts(250, 10)) backend.log.append(draft, 1_700_000_000_000);
      const { state } = await backend.join();
      const entries = entriesOf(backend.log);
      await state.project(entries.slice(0, 200));
      await state.rebuild();
      expect(Object.keys(await rowsByGeneration(backend)).sort()).toEqual(["1", "2", "meta"]);
      await state.close();
      const later = await backend.join({ retireMs: 0 });
      await later.state.project(entries);
      await expect
        .poll(async () => Object.keys(await rowsByGeneration(backend)))
        .not.toContain("1");
      expect(await differenceOf(later.state, backend.log)).toBeUndefined();
      await later.state.close();
      await backend.dispose();
    });
  });
});
