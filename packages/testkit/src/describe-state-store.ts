import type { EntryDraft, Log, StateChange, StateItem, StateStore } from "@anywire/core";
import type { DomainKind, EntryData } from "@anywire/types";
import { afterEach, beforeEach, describe, expect, vi } from "vitest";
import { createRule, type KnownGap } from "./rule.ts";

/** A log and the state that follows from it, as one node of a backend has them. */
export interface StateNode {
  readonly log: Log;
  readonly state: StateStore;
}

/** One backend, empty at the start of each test, that several nodes can join. */
export interface StateBackend {
  /** A new node on this backend, not started. */
  createNode(): StateNode;
  /** Called after each test, once its nodes are closed. */
  dispose?(): Promise<void>;
}

const ROOM = "production.group.room";
const HALL = "production.group.hall";
const ANN = "production.notification.ann";

/** A value of the state with fields to look at. */
type Document = Readonly<Record<string, unknown>>;

/**
 * The contract of `StateStore`, as tests. A driver's test file is one call of this.
 *
 * @example
 * describeStateStore("memory", () => {
 *   const backend = new MemoryLogBackend();
 *   return { createNode: () => createMemoryEngine(backend) };
 * });
 */
export function describeStateStore(
  driver: string,
  createBackend: () => StateBackend | Promise<StateBackend>,
  gaps: readonly KnownGap[] = [],
): void {
  const rule = createRule(gaps);
  describe(`StateStore: ${driver}`, () => {
    let backend: StateBackend;
    let nodes: StateNode[];
    let a: StateNode;
    let b: StateNode;
    let ids: number;

    const join = async (): Promise<StateNode> => {
      const node = backend.createNode();
      nodes.push(node);
      await node.log.start();
      await node.state.start();
      return node;
    };

    const leave = async ({ log, state }: StateNode): Promise<void> => {
      await state.close();
      await log.close();
    };

    beforeEach(async () => {
      backend = await createBackend();
      nodes = [];
      ids = 0;
      a = await join();
      b = await join();
    });

    afterEach(async () => {
      await Promise.all(nodes.map(leave));
      await backend.dispose?.();
    });

    const draft = <K extends DomainKind>(
      channel: string,
      kind: K,
      data: EntryData<K>,
      sender = "account:ann",
    ): EntryDraft => {
      ids += 1;
      return { channel, id: `id-${ids}`, kind, sender, dataJson: JSON.stringify(data) };
    };

    const message = (channel: string, text: string, sender = "account:ann"): EntryDraft => {
      ids += 1;
      return {
        channel,
        id: `m-${ids}`,
        kind: "message",
        sender,
        dataJson: JSON.stringify({ text }),
      };
    };

    const opened = (channel: string, ...accounts: string[]): EntryDraft =>
      draft(channel, "opened", {
        type: "group",
        title: channel,
        avatarUrl: null,
        connection: null,
        history: "all",
        meta: {},
        participants: accounts.map((id) => ({ address: `account:${id}`, role: "owner" as const })),
        isFixed: false,
      });

    const channelOf = async ({ state }: StateNode, name: string): Promise<Document> => {
      const { values } = await state.get([{ partition: name, sort: "channel" }]);
      return values[0] as Document;
    };

    const dumpAll = async ({ state }: StateNode): Promise<StateItem[]> => {
      const items: StateItem[] = [];
      for (;;) {
        const last = items.at(-1);
        const page = await state.dump(last, 7);
        if (page.length === 0) return items;
        items.push(...page);
      }
    };

    rule(
      "holds what follows from an entry as soon as its append has resolved, on every node",
      async () => {
        const { entry } = await a.log.append(opened(ROOM, "ann", "bob"));
        for (const { state } of [a, b]) {
          const { values, position } = await state.get(
            [
              { partition: ROOM, sort: "channel" },
              { partition: ANN, sort: `c:${ROOM}` },
              { partition: ROOM, sort: "nothing" },
            ],
            { atLeast: entry.offset },
          );
          expect(values[0]).toMatchObject({ channel: ROOM, participantCount: 2, messages: 0 });
          expect(values[1]).toMatchObject({ channel: ROOM, role: "owner", leftOffset: null });
          expect(values[2]).toBeUndefined();
          expect(position).toBe(entry.offset);
        }
      },
    );

    rule("changes nothing by what is published on a channel that nobody opened", async () => {
      const { entry } = await a.log.append(message(HALL, "hello"));
      await a.log.append({ ...message(HALL, "x"), kind: "data", dataJson: "[1]" });
      expect(await dumpAll(a)).toEqual([]);
      expect(await a.state.position()).toBe(entry.offset + 1);
    });

    rule("refuses what the fold refuses, and stores nothing of it", async () => {
      await a.log.append(opened(ROOM, "ann", "bob"));
      const before = await dumpAll(a);
      const head = await a.log.head(">");
      const bad = [
        draft(ROOM, "edit", { target: "nothing", message: { text: "x" } }),
        opened(ROOM, "ann"),
        draft(HALL, "updated", { title: "Hall" }),
        draft(ANN, "read", { channel: ROOM, offset: 9, ordinal: 9, back: false }),
        { ...message(ROOM, "x"), kind: "reaction" as const, dataJson: "{}" },
      ];
      for (const refused of bad) {
        await expect(a.log.append(refused)).rejects.toMatchObject({ name: "AnywireError" });
      }
      expect(await dumpAll(a)).toEqual(before);
      expect(await a.log.head(">")).toBe(head);
    });

    rule("lets a refusal touch nothing else of a burst", async () => {
      await a.log.append(opened(ROOM, "ann", "bob"));
      const burst = Array.from({ length: 60 }, (_, i) =>
        i % 3 === 1
          ? draft(ROOM, "edit", { target: `nothing-${i}`, message: { text: "x" } })
          : message(i % 3 === 0 ? ROOM : HALL, `${i}`),
      );
      const results = await Promise.allSettled(burst.map((one) => a.log.append(one)));
      for (const [i, { status }] of results.entries()) {
        expect(status).toBe(i % 3 === 1 ? "rejected" : "fulfilled");
      }
      expect(await channelOf(b, ROOM)).toMatchObject({ messages: 20 });
      const { entries } = await a.log.read({ pattern: ROOM, limit: 100, order: "asc" });
      expect(entries.filter(({ kind }) => kind === "message")).toHaveLength(20);
    });

    rule(
      "folds an entry once, also when its id is appended again on both nodes at once",
      async () => {
        await a.log.append(opened(ROOM, "ann", "bob"));
        const same = message(ROOM, "hello");
        const appended = await Promise.all(
          Array.from({ length: 20 }, (_, i) => (i % 2 === 0 ? a : b).log.append(same)),
        );
        expect(appended.filter(({ isNew }) => isNew)).toHaveLength(1);
        expect(await channelOf(a, ROOM)).toMatchObject({ messages: 1 });
      },
    );

    rule("counts every message of two nodes that write at once", async () => {
      await a.log.append(opened(ROOM, "ann", "bob"));
      const sent = Array.from({ length: 100 }, (_, i) =>
        (i % 2 === 0 ? a : b).log.append(
          message(ROOM, `${i}`, i % 2 === 0 ? "account:ann" : "account:bob"),
        ),
      );
      await Promise.all(sent);
      for (const node of [a, b]) {
        expect(await channelOf(node, ROOM)).toMatchObject({ messages: 100 });
        const { items } = await node.state.list({ partition: ROOM, prefix: "o:" });
        expect(items.map(({ value }) => (value as Document)["ordinal"])).toEqual(
          Array.from({ length: 100 }, (_, i) => i + 1),
        );
      }
    });

    rule("lists by prefix in both directions, between bounds and in pages", async () => {
      await a.log.append(opened(ROOM, "ann"));
      for (let i = 0; i < 9; i += 1) await a.log.append(message(ROOM, `${i}`));
      const list = async (query: object): Promise<(readonly [number, boolean])[]> => {
        const page = await b.state.list({ partition: ROOM, prefix: "o:", ...query });
        return page.items.map(({ value }) => [
          Number((value as Document)["ordinal"]),
          page.hasMore,
        ]);
      };
      const ordinals = async (query: object): Promise<number[]> =>
        (await list(query)).map(([ordinal]) => ordinal);
      const { items } = await a.state.list({ partition: ROOM, prefix: "o:" });
      const sortOf = (ordinal: number): string => items[ordinal - 1]?.sort ?? "";
      expect(await ordinals({})).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9]);
      expect(await ordinals({ order: "desc", limit: 2 })).toEqual([9, 8]);
      expect(await ordinals({ after: sortOf(3), before: sortOf(6) })).toEqual([4, 5]);
      expect(
        await ordinals({ after: sortOf(3), before: sortOf(8), order: "desc", limit: 2 }),
      ).toEqual([7, 6]);
      // Bounds outside the prefix bound nothing.
      expect(await ordinals({ after: "a", before: "z", limit: 1 })).toEqual([1]);
      expect((await list({ limit: 9 })).at(-1)).toEqual([9, false]);
      expect((await list({ limit: 8 })).at(-1)).toEqual([8, true]);
      expect(await ordinals({ prefix: "nothing" })).toEqual([]);
    });

    rule("gives with each item the one that its own name leads to", async () => {
      await a.log.append(opened(ROOM, "ann", "bob"));
      await a.log.append(opened(HALL, "ann"));
      await a.log.append(message(HALL, "hello"));
      const query = { partition: ANN, prefix: "c:", follow: "channel" };
      const { items, followed } = await b.state.list(query);
      expect(items.map(({ sort }) => sort)).toEqual([`c:${HALL}`, `c:${ROOM}`]);
      expect(followed).toMatchObject([
        { channel: HALL, messages: 1 },
        { channel: ROOM, messages: 0 },
      ]);
      const without = await b.state.list({ partition: ANN, prefix: "c:", follow: "nothing" });
      expect(without.followed).toEqual([undefined, undefined]);
    });

    rule("takes items away", async () => {
      await a.log.append(opened(ROOM, "ann"));
      const { entry } = await a.log.append(message(ROOM, "hello"));
      const reaction = { target: entry.id, emoji: "👍" } as const;
      await a.log.append(draft(ROOM, "reaction", { ...reaction, action: "add" }));
      const query = { partition: ROOM, prefix: "r:" };
      expect((await b.state.list(query)).items).toHaveLength(1);
      await b.log.append(draft(ROOM, "reaction", { ...reaction, action: "remove" }));
      expect((await a.state.list(query)).items).toEqual([]);
    });

    rule(
      "tells of each change once, in order, on every node, before the tail does on the appending one",
      async () => {
        const told: string[] = [];
        const onB: StateChange[] = [];
        a.state.watch(({ entry }) => told.push(`state ${entry.offset}`));
        a.log.tail(({ offset }) => told.push(`log ${offset}`));
        b.state.watch((change) => onB.push(change));
        await a.log.append(opened(ROOM, "ann", "bob"));
        await a.log.append(message(HALL, "changes nothing"));
        await a.log.append(message(ROOM, "hello"));
        await b.log.append(message(ROOM, "hello back", "account:bob"));
        await vi.waitFor(() => expect(told).toHaveLength(7));
        expect(told).toEqual(["state 1", "log 1", "log 2", "state 3", "log 3", "state 4", "log 4"]);
        await vi.waitFor(() => expect(onB.map(({ entry }) => entry.offset)).toEqual([1, 3, 4]));
        const sorts = onB
          .at(-1)
          ?.items.map(({ sort }) => sort)
          .sort();
        expect(sorts).toEqual(["c:production.group.room", "channel", "p:account:bob"]);
        expect(onB.at(-1)?.items.find(({ sort }) => sort === "channel")?.value).toMatchObject({
          messages: 2,
        });
      },
    );

    rule("tells no more once the watcher has left", async () => {
      const told: StateChange[] = [];
      const stop = a.state.watch((change) => told.push(change));
      await a.log.append(opened(ROOM, "ann"));
      stop();
      await a.log.append(message(ROOM, "hello"));
      expect(told).toHaveLength(1);
    });

    rule("dumps everything by partition and sort", async () => {
      await a.log.append(opened(ROOM, "ann", "bob"));
      await a.log.append(opened(HALL, "ann"));
      const { entry } = await a.log.append(message(ROOM, "hello"));
      for (const emoji of ["👍", "\uFF01", "z"]) {
        const data = { target: entry.id, emoji, action: "add" } as const;
        await a.log.append(draft(ROOM, "reaction", data));
      }
      const items = await dumpAll(b);
      const places = items.map(({ partition, sort }) => Buffer.from(`${partition}\0${sort}`));
      expect(places.length).toBeGreaterThan(8);
      expect(places).toEqual([...places].sort(Buffer.compare));
    });

    rule("is the same, byte for byte, after a rebuild, and goes on from there", async () => {
      await a.log.append(opened(ROOM, "ann", "bob"));
      const { entry } = await a.log.append(message(ROOM, "hello"));
      await a.log.append(draft(ROOM, "edit", { target: entry.id, message: { text: "hello!" } }));
      await a.log.append(draft(ANN, "mute", { channel: ROOM, until: 12 }));
      const before = JSON.stringify(await dumpAll(a));
      const progress = await a.state.rebuild();
      expect(progress).toEqual({ entries: 4, offset: 4, head: 4 });
      expect(JSON.stringify(await dumpAll(b))).toBe(before);
      await b.log.append(message(ROOM, "again", "account:bob"));
      await a.log.append(message(ROOM, "and again"));
      expect(await channelOf(a, ROOM)).toMatchObject({ messages: 3 });
    });

    rule("outlives its nodes as its log does", async () => {
      await a.log.append(opened(ROOM, "ann", "bob"));
      await a.log.append(message(ROOM, "hello"));
      const before = await dumpAll(a);
      await Promise.all([a, b].map(leave));
      const c = await join();
      expect(await dumpAll(c)).toEqual(before);
    });

    rule("says so when it does not come as far as it is asked to", async () => {
      await expect(
        a.state.get([{ partition: ROOM, sort: "channel" }], { atLeast: 99 }),
      ).rejects.toMatchObject({ code: "unavailable" });
    });

    rule("refuses every call before the start and after the end", async () => {
      const { state } = backend.createNode();
      await expect(state.position()).rejects.toMatchObject({ code: "unavailable" });
      await a.state.close();
      await expect(a.state.position()).rejects.toMatchObject({ code: "unavailable" });
      await expect(a.state.list({ partition: ROOM, prefix: "" })).rejects.toMatchObject({
        code: "unavailable",
      });
    });
  });
}
