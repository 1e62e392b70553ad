import { type Appended, isLate } from "@anywire/core";
import { afterEach, beforeEach, describe, expect } from "vitest";
import { describeStateWatch } from "./describe-state-watch.ts";
import { createRule, type KnownGap } from "./rule.ts";
import {
  ANN,
  channelOf,
  type Document,
  dumpAll,
  HALL,
  now,
  ROOM,
  type StateBackend,
  type StateNode,
  StateNodes,
} from "./state-nodes.ts";

/**
 * The contract of `StateStore`, as tests. A driver's test file is one call of this. Where the state is not written with
 * the log, every node projects it, all at the same time.
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
    describeStateWatch(rule, createBackend);

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
      "holds what follows from an entry as soon as its append has resolved, on every node",
      async () => {
        const { entry } = await a.log.append(nodes.opened(ROOM, "ann", "bob"));
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
      const { entry } = await a.log.append(nodes.message(HALL, "hello"));
      await a.log.append({ ...nodes.message(HALL, "x"), kind: "data", dataJson: "[1]" });
      expect(await dumpAll(a)).toEqual([]);
      expect(await a.state.position()).toBe(entry.offset + 1);
    });

    rule("lets nothing change by what the fold refuses", async () => {
      await a.log.append(nodes.opened(ROOM, "ann", "bob"));
      const before = await dumpAll(a);
      const head = await a.log.head(">");
      const bad = [
        nodes.draft(ROOM, "edit", { target: "nothing", message: { text: "x" } }),
        nodes.opened(ROOM, "ann"),
        nodes.draft(HALL, "updated", { title: "Hall" }),
        nodes.draft(ANN, "read", { channel: ROOM, offset: 9, ordinal: 9, back: false }),
        { ...nodes.message(ROOM, "x"), kind: "reaction" as const, dataJson: "{}" },
      ];
      const isWrittenWithLog = a.state.capabilities.isWrittenWithLog;
      for (const refused of bad) {
        if (isWrittenWithLog) {
          await expect(a.log.append(refused)).rejects.toMatchObject({ name: "AnywireError" });
        } else await a.log.append(refused);
      }
      expect(await dumpAll(a)).toEqual(before);
      expect(await a.log.head(">")).toBe(isWrittenWithLog ? head : head + bad.length);
    });

    rule(
      "says on every node why an entry was refused, where it comes along after the log",
      async () => {
        expect(isLate(a.state)).toBe(!a.state.capabilities.isWrittenWithLog);
        if (!isLate(a.state) || !isLate(b.state)) return;
        const open = await a.log.append(nodes.opened(ROOM, "ann", "bob"));
        const again = await a.log.append(nodes.opened(ROOM, "ann"));
        const edit = nodes.draft(ROOM, "edit", { target: "nothing", message: { text: "x" } });
        const refused = await b.log.append(edit);
        const said = await b.log.append(nodes.message(ROOM, "hello"));
        for (const state of [a.state, b.state]) {
          const refusalOf = ({ entry }: Appended) => state.refusalOf(entry.offset);
          expect(await refusalOf(said)).toBeUndefined();
          expect(await refusalOf(open)).toBeUndefined();
          expect(await refusalOf(again)).toMatchObject({ code: "conflict" });
          expect(await refusalOf(refused)).toEqual({
            code: "not_found",
            message: expect.stringContaining("nothing"),
          });
        }
        // A node that came later has not heard of it.
        const { state } = await nodes.join();
        if (isLate(state)) {
          expect(await state.refusalOf(again.entry.offset)).toMatchObject({ code: "conflict" });
        }
      },
    );

    rule("lets a refusal touch nothing else of a burst", async () => {
      await a.log.append(nodes.opened(ROOM, "ann", "bob"));
      const burst = Array.from({ length: 60 }, (_, i) =>
        i % 3 === 1
          ? nodes.draft(ROOM, "edit", { target: `nothing-${i}`, message: { text: "x" } })
          : nodes.message(i % 3 === 0 ? ROOM : HALL, `${i}`),
      );
      const results = await Promise.allSettled(burst.map((one) => a.log.append(one)));
      for (const [i, { status }] of results.entries()) {
        const isRefused = a.state.capabilities.isWrittenWithLog && i % 3 === 1;
        expect(status).toBe(isRefused ? "rejected" : "fulfilled");
      }
      expect(await channelOf(b, ROOM)).toMatchObject({ messages: 20 });
      const { entries } = await a.log.read({ pattern: ROOM, limit: 100, order: "asc" });
      expect(entries.filter(({ kind }) => kind === "message")).toHaveLength(20);
    });

    rule(
      "folds an entry once, also when its id is appended again on both nodes at once",
      async () => {
        await a.log.append(nodes.opened(ROOM, "ann", "bob"));
        const same = nodes.message(ROOM, "hello");
        const appended = await Promise.all(
          Array.from({ length: 20 }, (_, i) => (i % 2 === 0 ? a : b).log.append(same)),
        );
        expect(appended.filter(({ isNew }) => isNew)).toHaveLength(1);
        expect(await channelOf(a, ROOM)).toMatchObject({ messages: 1 });
      },
    );

    rule("counts every message of two nodes that write at once", async () => {
      await a.log.append(nodes.opened(ROOM, "ann", "bob"));
      const sent = Array.from({ length: 100 }, (_, i) =>
        (i % 2 === 0 ? a : b).log.append(
          nodes.message(ROOM, `${i}`, i % 2 === 0 ? "account:ann" : "account:bob"),
        ),
      );
      await Promise.all(sent);
      for (const node of [a, b]) {
        expect(await channelOf(node, ROOM)).toMatchObject({ messages: 100 });
        const query = { partition: ROOM, prefix: "o:", ...(await now(node)) };
        const { items } = await node.state.list(query);
        expect(items.map(({ value }) => (value as Document)["ordinal"])).toEqual(
          Array.from({ length: 100 }, (_, i) => i + 1),
        );
      }
    });

    rule("lists by prefix in both directions, between bounds and in pages", async () => {
      await a.log.append(nodes.opened(ROOM, "ann"));
      for (let i = 0; i < 9; i += 1) await a.log.append(nodes.message(ROOM, `${i}`));
      const list = async (query: object): Promise<(readonly [number, boolean])[]> => {
        const fresh = await now(b);
        const page = await b.state.list({ partition: ROOM, prefix: "o:", ...fresh, ...query });
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
      await a.log.append(nodes.opened(ROOM, "ann", "bob"));
      await a.log.append(nodes.opened(HALL, "ann"));
      await a.log.append(nodes.message(HALL, "hello"));
      const query = { partition: ANN, prefix: "c:", follow: "channel", ...(await now(b)) };
      const { items, followed } = await b.state.list(query);
      expect(items.map(({ sort }) => sort)).toEqual([`c:${HALL}`, `c:${ROOM}`]);
      expect(followed).toMatchObject([
        { channel: HALL, messages: 1 },
        { channel: ROOM, messages: 0 },
      ]);
      const without = await b.state.list({ ...query, follow: "nothing" });
      expect(without.followed).toEqual([undefined, undefined]);
    });

    rule("takes items away", async () => {
      await a.log.append(nodes.opened(ROOM, "ann"));
      const { entry } = await a.log.append(nodes.message(ROOM, "hello"));
      const reaction = { target: entry.id, emoji: "👍" } as const;
      await a.log.append(nodes.draft(ROOM, "reaction", { ...reaction, action: "add" }));
      const query = { partition: ROOM, prefix: "r:" };
      expect((await b.state.list({ ...query, ...(await now(b)) })).items).toHaveLength(1);
      await b.log.append(nodes.draft(ROOM, "reaction", { ...reaction, action: "remove" }));
      expect((await a.state.list({ ...query, ...(await now(a)) })).items).toEqual([]);
    });

    rule(
      "projects entries once, whoever projects them again, where it is not written with the log",
      async () => {
        const { entry } = await a.log.append(nodes.opened(ROOM, "ann", "bob"));
        for (let i = 0; i < 5; i += 1) await a.log.append(nodes.message(ROOM, `${i}`));
        const before = await dumpAll(b);
        const { entries } = await a.log.read({ pattern: ">", limit: 100, order: "asc" });
        if (a.state.capabilities.isWrittenWithLog) {
          await expect(a.state.project(entries)).rejects.toMatchObject({ code: "unsupported" });
          return;
        }
        await Promise.all([a, b, a].map(({ state }) => state.project(entries)));
        await b.state.project([entry]);
        await a.state.project([]);
        expect(await dumpAll(a)).toEqual(before);
        expect(await b.state.position()).toBe(entries.at(-1)?.offset);
      },
    );

    rule(
      "goes on from where another node has brought it, where it comes along after the log",
      async () => {
        if (!isLate(a.state)) return;
        await Promise.all([a, b].map((node) => nodes.stopProjecting(node)));
        await a.log.append(nodes.opened(ROOM, "ann", "bob"));
        for (let i = 0; i < 3; i += 1) await a.log.append(nodes.message(ROOM, `${i}`));
        const { entries } = await a.log.read({ pattern: ">", limit: 9, order: "asc" });
        await a.state.project(entries.slice(0, 2));
        await b.state.project(entries.slice(2, 3));
        // Whoever takes the work back asks where it is.
        expect(await a.state.position()).toBe(entries[2]?.offset);
        await a.state.project(entries.slice(3));
        expect(await channelOf(b, ROOM)).toMatchObject({ messages: 3 });
      },
    );

    rule("dumps everything by partition and sort", async () => {
      await a.log.append(nodes.opened(ROOM, "ann", "bob"));
      await a.log.append(nodes.opened(HALL, "ann"));
      const { entry } = await a.log.append(nodes.message(ROOM, "hello"));
      for (const emoji of ["👍", "\uFF01", "z"]) {
        const data = { target: entry.id, emoji, action: "add" } as const;
        await a.log.append(nodes.draft(ROOM, "reaction", data));
      }
      const items = await dumpAll(b);
      const places = items.map(({ partition, sort }) => Buffer.from(`${partition}\0${sort}`));
      expect(places.length).toBeGreaterThan(8);
      expect(places).toEqual([...places].sort(Buffer.compare));
    });

    rule("is the same, byte for byte, after a rebuild, and goes on from there", async () => {
      await a.log.append(nodes.opened(ROOM, "ann", "bob"));
      const { entry } = await a.log.append(nodes.message(ROOM, "hello"));
      await a.log.append(
        nodes.draft(ROOM, "edit", { target: entry.id, message: { text: "hello!" } }),
      );
      await a.log.append(nodes.draft(ANN, "mute", { channel: ROOM, until: 12 }));
      const before = JSON.stringify(await dumpAll(a));
      const progress = await a.state.rebuild();
      expect(progress).toEqual({ entries: 4, offset: 4, head: 4 });
      expect(JSON.stringify(await dumpAll(b))).toBe(before);
      await b.log.append(nodes.message(ROOM, "again", "account:bob"));
      await a.log.append(nodes.message(ROOM, "and again"));
      expect(await channelOf(a, ROOM)).toMatchObject({ messages: 3 });
    });

    rule("outlives its nodes as its log does", async () => {
      await a.log.append(nodes.opened(ROOM, "ann", "bob"));
      await a.log.append(nodes.message(ROOM, "hello"));
      const before = await dumpAll(a);
      await Promise.all([a, b].map((node) => nodes.leave(node)));
      const c = await nodes.join();
      expect(await dumpAll(c)).toEqual(before);
    });

    rule("says so when it does not come as far as it is asked to", async () => {
      const { state } = a;
      const asked = [
        state.get([{ partition: ROOM, sort: "channel" }], { atLeast: 99 }),
        state.list({ partition: ROOM, prefix: "", atLeast: 99 }),
        ...(isLate(state) ? [state.refusalOf(99)] : []),
      ];
      for (const { status, ...outcome } of await Promise.allSettled<unknown>(asked)) {
        expect(status).toBe("rejected");
        expect(outcome).toMatchObject({ reason: { code: "unavailable" } });
      }
    });

    rule("refuses every call before the start and after the end", async () => {
      const { state } = nodes.create();
      await expect(state.position()).rejects.toMatchObject({ code: "unavailable" });
      await a.state.close();
      await expect(a.state.position()).rejects.toMatchObject({ code: "unavailable" });
      await expect(a.state.list({ partition: ROOM, prefix: "" })).rejects.toMatchObject({
        code: "unavailable",
      });
    });
  });
}
