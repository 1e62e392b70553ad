import type { Listening, LiveEvent, Presence, PresenceMember } from "@anywire/core";
import { afterEach, beforeEach, describe, expect, vi } from "vitest";
import { createRule, type KnownGap } from "./rule.ts";

/** One backend, empty at the start of each test, that several nodes can join. */
export interface PresenceBackend {
  /** A new presence on this backend, not started. */
  createNode(): Presence;
  /** Ends a node as a crash would. A driver whose members outlive their process must give it. */
  crash?(node: Presence): Promise<void>;
  /** Called after each test, once its nodes are closed. */
  dispose?(): Promise<void>;
}

const ROOM = "production.group.room";
const HALL = "production.group.hall";
/** Followed by those tests alone that say so. */
const LOBBY = "production.group.lobby";
/** No more than any driver remembers. */
const LATELY_MS = 10_000;
const ann: PresenceMember = { client: "c-1", user: "ann" };
const annsPhone: PresenceMember = { client: "c-2", user: "ann" };
const bob: PresenceMember = { client: "c-3", user: "bob" };

/**
 * The contract of `Presence`, as tests. A driver's test file is one call of this.
 *
 * @example
 * describePresence("memory", () => {
 *   const backend = new MemoryPresenceBackend();
 *   return { createNode: () => createMemoryPresence(backend) };
 * });
 */
export function describePresence(
  driver: string,
  createBackend: () => PresenceBackend | Promise<PresenceBackend>,
  gaps: readonly KnownGap[] = [],
): void {
  const rule = createRule(gaps);
  describe(`Presence: ${driver}`, () => {
    let backend: PresenceBackend;
    let a: Presence;
    let b: Presence;
    let onA: LiveEvent[];
    let onB: LiveEvent[];

    beforeEach(async () => {
      backend = await createBackend();
      a = backend.createNode();
      b = backend.createNode();
      await Promise.all([a.start(), b.start()]);
      onA = [];
      onB = [];
      const listenings = [listen(a, onA), listen(b, onB)];
      await Promise.all(listenings.flatMap(({ follow }) => [follow(ROOM), follow(HALL)]));
    });

    afterEach(async () => {
      await Promise.all([a.close(), b.close()]);
      await backend.dispose?.();
    });

    const members = async (node: Presence, channel: string): Promise<string[]> =>
      (await node.members(channel, 100)).map(({ client }) => client).sort();

    rule("shows members and counts on every node once join or leave has resolved", async () => {
      await a.join(ROOM, ann);
      await a.join(ROOM, annsPhone);
      await b.join(ROOM, bob);
      await b.join(HALL, bob);
      for (const node of [a, b]) {
        expect(await members(node, ROOM)).toEqual(["c-1", "c-2", "c-3"]);
        expect(await node.stats(ROOM)).toEqual({ numClients: 3, numUsers: 2 });
      }
      await a.leave(ROOM, ann.client);
      for (const node of [a, b]) {
        expect(await members(node, ROOM)).toEqual(["c-2", "c-3"]);
        expect(await node.stats(ROOM)).toEqual({ numClients: 2, numUsers: 2 });
      }
    });

    rule("answers an empty channel with nobody", async () => {
      expect(await a.members(ROOM, 10)).toEqual([]);
      expect(await a.stats(ROOM)).toEqual({ numClients: 0, numUsers: 0 });
    });

    rule("returns whole members, at most as many as asked for, and counts them all", async () => {
      await a.join(ROOM, ann);
      expect(await b.members(ROOM, 10)).toEqual([ann]);
      await Promise.all(
        Array.from({ length: 30 }, (_, i) => a.join(ROOM, { client: `x-${i}`, user: `u-${i}` })),
      );
      expect(await b.members(ROOM, 10)).toHaveLength(10);
      expect(await b.stats(ROOM)).toEqual({ numClients: 31, numUsers: 31 });
    });

    const occupants = async (node: Presence, withinMs = LATELY_MS): Promise<string[]> =>
      (await node.lately(ROOM, withinMs)).map(
        ({ client, leftAgoMs }) => `${client} ${leftAgoMs === null ? "is there" : "left"}`,
      );

    rule("knows who left of late on every node, in order, behind those who are there", async () => {
      for (const member of [ann, annsPhone, bob]) await a.join(ROOM, member);
      await a.leave(ROOM, bob.client);
      await a.leave(ROOM, ann.client);
      await a.join(HALL, ann);
      for (const node of [a, b]) {
        expect(await occupants(node)).toEqual(["c-2 is there", "c-3 left", "c-1 left"]);
        expect(await occupants(node, 0)).toEqual(["c-2 is there"]);
      }
      await b.join(ROOM, bob);
      expect((await occupants(a)).sort()).toEqual(["c-1 left", "c-2 is there", "c-3 is there"]);
      await b.leave(ROOM, bob.client);
      expect(await occupants(a)).toEqual(["c-2 is there", "c-1 left", "c-3 left"]);
      const left = (await a.lately(ROOM, LATELY_MS)).at(-1);
      expect(left).toEqual({ ...bob, leftAgoMs: expect.any(Number) });
      expect(left?.leftAgoMs).toBeGreaterThanOrEqual(0);
    });

    rule("knows who left until that was longer ago than was asked for", async () => {
      await a.join(ROOM, ann);
      await a.leave(ROOM, ann.client);
      const agoMs = async () => (await b.lately(ROOM, LATELY_MS)).at(-1)?.leftAgoMs;
      expect(await occupants(b, 1_000)).toEqual(["c-1 left"]);
      await vi.waitFor(async () => expect(await agoMs()).toBeGreaterThan(2_500), {
        timeout: 5_000,
      });
      expect(await occupants(b, 2_500)).toEqual([]);
    });

    rule("knows who left with a node that is closed", async () => {
      await a.join(ROOM, ann);
      await a.close();
      expect(await occupants(b)).toEqual(["c-1 left"]);
    });

    rule("keeps one member and makes no event when a client joins twice", async () => {
      await a.join(ROOM, ann);
      await a.join(ROOM, ann);
      await a.join(ROOM, bob);
      expect(await members(b, ROOM)).toEqual(["c-1", "c-3"]);
      await vi.waitFor(() => expect(onB.map(summary)).toEqual(["join c-1", "join c-3"]));
    });

    rule("tells its own node of joins and leaves before they have resolved", async () => {
      await a.join(ROOM, ann);
      expect(onA.map(summary)).toEqual(["join c-1"]);
      await a.leave(ROOM, ann.client);
      expect(onA.map(summary)).toEqual(["join c-1", "leave c-1"]);
    });

    rule("makes no event when somebody leaves who was not there", async () => {
      await a.leave(ROOM, ann.client);
      await a.join(ROOM, ann);
      await a.leave(ROOM, ann.client);
      await a.leave(ROOM, ann.client);
      await a.join(ROOM, bob);
      const expected = ["join c-1", "leave c-1", "join c-3"];
      await vi.waitFor(() => expect(onB.map(summary)).toEqual(expected));
    });

    rule(
      "delivers every event once on every node, in order for one channel and member",
      async () => {
        const expected: string[] = [];
        for (let i = 0; i < 10; i += 1) {
          await a.join(ROOM, ann);
          await a.signal(typing(ROOM, ann));
          await a.leave(ROOM, ann.client);
          expected.push("join c-1", "typing c-1", "leave c-1");
        }
        await vi.waitFor(() => expect(onA.map(summary)).toEqual(expected));
        await vi.waitFor(() => expect(onB.map(summary)).toEqual(expected));
      },
    );

    rule("delivers signals whole, from members and from others", async () => {
      const event = typing(HALL, bob);
      await b.signal(event);
      await vi.waitFor(() => expect(onA).toEqual([event]));
      await vi.waitFor(() => expect(onB).toEqual([event]));
    });

    rule(
      "delivers what happens after it was followed, by every node, to who follows it",
      async () => {
        const onLobby: LiveEvent[] = [];
        await listen(a, onLobby).follow(LOBBY);
        await a.join(LOBBY, ann);
        await b.join(LOBBY, bob);
        await b.signal(typing(LOBBY, bob));
        await b.leave(LOBBY, bob.client);
        const expected = ["join c-1", "join c-3", "typing c-3", "leave c-3"];
        await vi.waitFor(() => expect(onLobby.map(summary)).toEqual(expected));
      },
    );

    rule("delivers once what several followed patterns bring", async () => {
      const heard: LiveEvent[] = [];
      const { follow } = listen(b, heard);
      await Promise.all(["production.>", "*.group.*", "*.*.lobby", LOBBY].map(follow));
      await a.join(LOBBY, ann);
      await a.signal(typing(LOBBY, ann));
      await a.leave(LOBBY, ann.client);
      await a.join(ROOM, ann);
      const expected = ["join c-1", "typing c-1", "leave c-1", "join c-1"];
      await vi.waitFor(() => expect(heard.map(summary)).toEqual(expected));
    });

    rule("follows a pattern until it was ended as often as it was followed", async () => {
      const heard: LiveEvent[] = [];
      const { follow } = listen(b, heard);
      const end = await follow(LOBBY);
      await follow(LOBBY);
      const other = listen(b, []);
      await other.follow(LOBBY);
      end();
      // A second call ends nothing more.
      end();
      other.stop();
      await a.join(LOBBY, ann);
      await vi.waitFor(() => expect(heard.map(summary)).toEqual(["join c-1"]));
    });

    rule("delivers to a watcher twice when it watches twice", async () => {
      const heard: LiveEvent[] = [];
      const watcher = { onEvent: (event: LiveEvent) => void heard.push(event) };
      const listenings = [a.watch(watcher), a.watch(watcher)];
      await Promise.all(listenings.map(({ follow }) => follow(ROOM)));
      await a.join(ROOM, ann);
      expect(heard.map(summary)).toEqual(["join c-1", "join c-1"]);
      listenings[0]?.stop();
      await a.leave(ROOM, ann.client);
      expect(heard.map(summary)).toEqual(["join c-1", "join c-1", "leave c-1"]);
    });

    rule("delivers nothing to a watcher that has stopped", async () => {
      const ended: LiveEvent[] = [];
      const listening = listen(a, ended);
      await listening.follow(ROOM);
      listening.stop();
      listening.stop();
      await a.join(ROOM, ann);
      await vi.waitFor(() => expect(onA).toHaveLength(1));
      expect(ended).toEqual([]);
    });

    rule("takes off the members of a node that is closed, with events", async () => {
      await a.join(ROOM, ann);
      await a.join(HALL, ann);
      await b.join(ROOM, bob);
      await a.close();
      expect(await members(b, ROOM)).toEqual(["c-3"]);
      expect(await members(b, HALL)).toEqual([]);
      await vi.waitFor(() =>
        expect(onB.slice(3).map(summary).sort()).toEqual(["leave c-1", "leave c-1"]),
      );
    });

    rule("leaves a client to the node that it joined through last, without an event", async () => {
      await a.join(ROOM, ann);
      await b.join(ROOM, ann);
      await a.join(ROOM, ann);
      await b.leave(ROOM, ann.client);
      expect(await members(b, ROOM)).toEqual(["c-1"]);
      await b.join(ROOM, ann);
      await a.leave(ROOM, ann.client);
      expect(await members(b, ROOM)).toEqual(["c-1"]);
      await a.join(ROOM, ann);
      await b.join(ROOM, ann);
      await a.close();
      expect(await members(b, ROOM)).toEqual(["c-1"]);
      await b.leave(ROOM, ann.client);
      expect(await members(b, ROOM)).toEqual([]);
      await vi.waitFor(() => expect(onB.map(summary)).toEqual(["join c-1", "leave c-1"]));
    });

    rule("keeps clients apart whatever their ids are made of", async () => {
      const clients = ["a.b", "a:b", "a=b", "a=003ab", "a b", "*", ">", "", "é", "away:c-1"];
      for (const client of clients) await a.join(ROOM, { client, user: `u ${client}` });
      expect(await members(b, ROOM)).toEqual([...clients].sort());
      for (const client of clients) await a.leave(ROOM, client);
      expect(await members(b, ROOM)).toEqual([]);
    });

    rule("takes off the members of a node that died within its lease", async () => {
      const { leaseMs } = b.capabilities;
      if (leaseMs === 0) {
        // Members die with their process, so there is no node left that could die alone.
        expect(backend.crash).toBeUndefined();
        return;
      }
      await a.join(ROOM, ann);
      await backend.crash?.(a);
      const timeout = 2 * leaseMs;
      await vi.waitFor(async () => expect(await members(b, ROOM)).toEqual([]), { timeout });
      await vi.waitFor(() => expect(onB.map(summary)).toEqual(["join c-1", "leave c-1"]));
      expect(onB.at(-1)).toMatchObject({ isOrphan: true });
      expect(await occupants(b)).toEqual(["c-1 left"]);
    });

    rule("tells of an orphan where nobody follows its channel, on one node alone", async () => {
      const { leaseMs } = b.capabilities;
      if (leaseMs === 0) return;
      const c = backend.createNode();
      await c.start();
      const orphans: string[] = [];
      const onEvent = (event: LiveEvent): void => {
        if (event.type === "leave") orphans.push(`${event.member.client} ${event.isOrphan}`);
      };
      c.watch({ onEvent });
      const deaf = backend.createNode();
      await deaf.start();
      deaf.watch({ onEvent });
      await a.join(HALL, ann);
      await b.close();
      await backend.crash?.(a);
      await vi.waitFor(() => expect(orphans).toEqual(["c-1 true"]), { timeout: 2 * leaseMs });
      expect(await c.members(HALL, 1)).toEqual([]);
      await Promise.all([c.close(), deaf.close()]);
    });

    rule("rejects every call before it was started", async () => {
      await expectRefusal(backend.createNode());
    });

    rule("rejects every call after close, and closes twice", async () => {
      await a.close();
      await a.close();
      await expectRefusal(a);
    });
  });
}

function listen(node: Presence, heard: LiveEvent[]): Listening {
  return node.watch({ onEvent: (event) => void heard.push(event) });
}

function typing(channel: string, member: PresenceMember): LiveEvent & { type: "signal" } {
  return { type: "signal", channel, member, kind: "typing", dataJson: '{"on":true}' };
}

function summary(event: LiveEvent): string {
  return `${event.type === "signal" ? event.kind : event.type} ${event.member.client}`;
}

async function expectRefusal(presence: Presence): Promise<void> {
  const unavailable = { code: "unavailable" };
  await expect(presence.join(ROOM, ann)).rejects.toMatchObject(unavailable);
  await expect(presence.leave(ROOM, "c-1")).rejects.toMatchObject(unavailable);
  await expect(presence.members(ROOM, 1)).rejects.toMatchObject(unavailable);
  await expect(presence.lately(ROOM, 1)).rejects.toMatchObject(unavailable);
  await expect(presence.stats(ROOM)).rejects.toMatchObject(unavailable);
  await expect(presence.signal(typing(ROOM, ann))).rejects.toMatchObject(unavailable);
  expect(() => presence.watch({ onEvent: () => {} })).toThrow(expect.objectContaining(unavailable));
}
