import { isLate } from "@anywire/core";
import { afterEach, beforeEach, describe, expect, vi } from "vitest";
import type { Rule } from "./rule.ts";
import {
  type Document,
  HALL,
  now,
  offsetsOf,
  ROOM,
  type StateBackend,
  type StateNode,
  StateNodes,
  watch,
} from "./state-nodes.ts";

/** What `StateStore` promises those who watch it. */
export function describeStateWatch(
  rule: Rule,
  createBackend: () => StateBackend | Promise<StateBackend>,
): void {
  describe("watching", () => {
    let nodes: StateNodes;
    let a: StateNode;
    let b: StateNode;

    beforeEach(async () => {
      nodes = new StateNodes(await createBackend());
      a = await nodes.join();
      b = await nodes.join();
    });

    afterEach(() => nodes.dispose());

    rule(
      "tells of each change once and in order, on every node, before the tail does where it is written with the log",
      async () => {
        // Of several projectors, one may be told of before another.
        await nodes.stopProjecting(b);
        const told: string[] = [];
        const listening = a.state.watch({
          onChange: ({ entry }) => told.push(`state ${entry.offset}`),
        });
        await listening.follow("production.group.*");
        const tail = a.log.tail(({ offset }) => told.push(`log ${offset}`));
        await tail.follow(">");
        const onB = await watch(b, ROOM, HALL, "production.notification.bob");
        await a.log.append(nodes.opened(ROOM, "ann", "bob"));
        await a.log.append(nodes.message(HALL, "changes nothing"));
        await a.log.append(nodes.message(ROOM, "hello"));
        await b.log.append(nodes.message(ROOM, "hello back", "account:bob"));
        await vi.waitFor(() => expect(told).toHaveLength(7));
        if (a.state.capabilities.isWrittenWithLog) {
          const inOrder = ["state 1", "log 1", "log 2", "state 3", "log 3", "state 4", "log 4"];
          expect(told).toEqual(inOrder);
        }
        const ofState = told.filter((text) => text.startsWith("state"));
        expect(ofState).toEqual(["state 1", "state 3", "state 4"]);
        await vi.waitFor(() => expect(offsetsOf(onB)).toEqual([1, 3, 4]));
        expect(onB.missed).toBe(0);
        const items = onB.changes.at(-1)?.items ?? [];
        const sorts = items.map(({ sort }) => sort).sort();
        expect(sorts).toEqual(["c:production.group.room", "channel", "p:account:bob"]);
        expect(items.find(({ sort }) => sort === "channel")?.value).toMatchObject({ messages: 2 });
      },
    );

    rule("tells an account that takes part in a channel which it does not follow yet", async () => {
      const bob = await watch(b, "production.notification.bob");
      const { entry } = await a.log.append(nodes.opened(ROOM, "ann", "bob"));
      await vi.waitFor(() => expect(offsetsOf(bob)).toContain(entry.offset));
      const sorts = bob.changes[0]?.items.map(({ sort }) => sort);
      expect(sorts).toEqual(expect.arrayContaining(["channel", `c:${ROOM}`]));
    });

    rule("lets nothing get lost unsaid, however many nodes append and project", async () => {
      await a.log.append(nodes.opened(ROOM, "ann", "bob"));
      await b.state.get([], await now(b));
      const watched = await Promise.all([watch(a, ROOM), watch(b, ROOM)]);
      const sent = Array.from({ length: 40 }, (_, i) =>
        (i % 2 === 0 ? a : b).log.append(nodes.message(ROOM, `${i}`)),
      );
      const offsets = (await Promise.all(sent)).map(({ entry }) => entry.offset);
      for (const each of watched) {
        const heardOf = (): number[] => offsetsOf(each).filter((offset) => offset > 1);
        await vi.waitFor(() => expect(each.missed > 0 || heardOf().length === 40).toBe(true));
        const heard = heardOf();
        expect(heard).toEqual([...new Set(heard)].sort((x, y) => x - y));
        if (each.missed === 0) expect(heard).toEqual(offsets.sort((x, y) => x - y));
      }
    });

    rule(
      "tells of what is read after following it, and of nothing that the read lacks",
      async () => {
        const sending = (async () => {
          await a.log.append(nodes.opened(ROOM, "ann", "bob"));
          for (let i = 0; i < 30; i += 1) await a.log.append(nodes.message(ROOM, `${i}`));
        })();
        const watched = await watch(b, ROOM);
        const { values, position } = await b.state.get([{ partition: ROOM, sort: "channel" }]);
        await sending;
        const known = Number((values[0] as Document | undefined)?.["messages"] ?? 0);
        await vi.waitFor(() => {
          const later = watched.changes.filter(({ entry }) => entry.offset > position);
          const heard = later.filter(({ entry }) => entry.kind === "message").length;
          expect(watched.missed > 0 || known + heard === 30).toBe(true);
        });
      },
    );

    rule("has told everybody on a node once it knows whether an entry was refused", async () => {
      const { state } = a;
      if (!isLate(state)) return;
      const watched = await watch(a, ROOM);
      const drafts = [nodes.opened(ROOM, "ann")];
      for (let i = 0; i < 20; i += 1) drafts.push(nodes.message(ROOM, `${i}`));
      for (const [i, draft] of drafts.entries()) {
        const { entry } = await (i % 2 === 0 ? a : b).log.append(draft);
        await state.refusalOf(entry.offset);
        const hasHeard = offsetsOf(watched).at(-1) === entry.offset;
        expect(hasHeard || watched.missed > 0).toBe(true);
      }
    });

    rule("follows a pattern until each of its followers has ended it", async () => {
      const { changes, ends, listening } = await watch(b, ROOM, ROOM);
      ends[0]?.();
      await a.log.append(nodes.opened(ROOM, "ann"));
      await vi.waitFor(() => expect(changes).toHaveLength(1));
      listening.stop();
      listening.stop();
    });

    rule("tells no more once the watcher has left", async () => {
      const gone = await watch(a, ROOM);
      const still = await watch(a, ROOM);
      await a.log.append(nodes.opened(ROOM, "ann"));
      await vi.waitFor(() => expect(gone.missed + gone.changes.length).toBe(1));
      gone.listening.stop();
      await a.log.append(nodes.message(ROOM, "hello"));
      await vi.waitFor(() => expect(still.missed + still.changes.length).toBe(2));
      expect(gone.missed + gone.changes.length).toBe(1);
    });
  });
}
