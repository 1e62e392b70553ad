import { spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import type { LiveEvent, Presence } from "@anywire/core";
import { jetstreamManager } from "@nats-io/jetstream";
import { connect } from "@nats-io/transport-node";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { ENGINE_SERVERS } from "../../../../scripts/engines/engine-servers.ts";
import { findProgram } from "../../../../scripts/engines/find-program.ts";
import { startServer } from "../../../../scripts/engines/start-server.ts";
import { startTcpProxy, type TcpProxy } from "../../../../scripts/engines/tcp-proxy.ts";
import { withEngine } from "../../../../scripts/engines/with-engine.ts";
import { createNatsLink } from "./nats-link.ts";
import { createNatsPresence } from "./nats-presence.ts";

const ROOM = "production.group.room";
const HALL = "production.group.hall";
const LEASE_MS = 1_500;
/** A busy machine may take its time, but not forever. */
const SOON = { timeout: 10_000, interval: 20 };
const ann = { client: "c-1", user: "ann" };
const bob = { client: "c-2", user: "bob" };
const unavailable = { code: "unavailable" };
const typing = {
  ...({ type: "signal", kind: "typing", dataJson: "{}" } as const),
  channel: ROOM,
  member: ann,
};

withEngine("nats", (url) => {
  describe("Presence on NATS", () => {
    let prefix: string;
    const closing: (() => Promise<unknown>)[] = [];

    beforeEach(() => {
      prefix = `t${randomUUID().slice(0, 8)}`;
    });

    afterEach(async () => {
      // Nodes first, then what is between them and the server.
      for (const close of closing.splice(0)) await close();
      const connection = await connect({ servers: url });
      await connection.request(`$JS.API.STREAM.DELETE.KV_${prefix}-presence`);
      await connection.close();
    });

    const startNode = async (server = url, leaseMs = LEASE_MS): Promise<Presence> => {
      const link = createNatsLink({ servers: [server], prefix });
      const node = createNatsPresence(link, { leaseMs });
      await node.start();
      closing.unshift(() => node.close());
      return node;
    };

    const startProxied = async (leaseMs?: number): Promise<[Presence, TcpProxy]> => {
      const proxy = await startTcpProxy(url);
      closing.push(() => proxy.close());
      return [await startNode(proxy.url, leaseMs), proxy];
    };

    it("counts 5,000 members on one channel exactly, and those of others not", async () => {
      const nodes = [await startNode(), await startNode()] as const;
      const joins: Promise<void>[] = [];
      for (let i = 0; i < 5_000; i += 1) {
        joins.push(
          nodes[i % 2 === 0 ? 0 : 1].join(ROOM, { client: `c-${i}`, user: `u-${i % 700}` }),
        );
      }
      joins.push(nodes[0].join(HALL, ann));
      await Promise.all(joins);
      for (const node of nodes) {
        expect(await node.stats(ROOM)).toEqual({ numClients: 5_000, numUsers: 700 });
        const clients = (await node.members(ROOM, 10_000)).map(({ client }) => client);
        expect(new Set(clients).size).toBe(5_000);
        expect(await node.members(ROOM, 3)).toHaveLength(3);
      }
      await Promise.all(Array.from({ length: 100 }, (_, i) => nodes[0].leave(ROOM, `c-${2 * i}`)));
      expect(await nodes[1].stats(ROOM)).toEqual({ numClients: 4_900, numUsers: 700 });
    });

    it("answers many who ask at once with what was there when they asked", async () => {
      const [asked, proxy] = await startProxied(60_000);
      const node = await startNode(url, 60_000);
      const onNode = await listen(node, ROOM);
      proxy.holdAnswers();
      const before = asked.stats(ROOM);
      // The server has answered once it has passed on what was said after the question.
      await asked.signal(typing);
      await vi.waitFor(() => expect(onNode.events).toEqual(["signal c-1"]));
      await node.join(ROOM, ann);
      const after = Array.from({ length: 50 }, () => asked.stats(ROOM));
      proxy.heal();
      expect((await before).numClients).toBe(0);
      for (const stats of await Promise.all(after)) expect(stats.numClients).toBe(1);
    });

    it("hears nothing of what is not followed, or not any more", async () => {
      const node = await startNode();
      const other = await startNode();
      const heard: string[] = [];
      const { follow } = node.watch({ onEvent: (event) => void heard.push(summary(event)) });
      await follow(HALL);
      const end = await follow(ROOM);
      await other.join(ROOM, ann);
      await vi.waitFor(() => expect(heard).toEqual(["join c-1"]));
      end();
      await other.leave(ROOM, ann.client);
      await other.join(HALL, bob);
      await vi.waitFor(() => expect(heard).toEqual(["join c-1", "join c-2"]));
    });

    it("tells everybody the same when two nodes fight for one client", async () => {
      const fighters = [await startNode(), await startNode()] as const;
      const watchers = [...fighters, await startNode()];
      const heard = await Promise.all(watchers.map((node) => listen(node, ROOM)));
      await Promise.all(
        fighters.map(async (node) => {
          for (let i = 0; i < 50; i += 1) {
            await node.join(ROOM, ann);
            await node.leave(ROOM, ann.client);
          }
        }),
      );
      expect(await watchers[2]?.stats(ROOM)).toEqual({ numClients: 0, numUsers: 0 });
      await fighters[0].join(ROOM, bob);
      await vi.waitFor(() => {
        for (const { events } of heard) expect(events.at(-1)).toBe("join c-2");
      }, SOON);
      const [first = [], ...others] = heard.map(({ events }) => events);
      for (const events of others) expect(events).toEqual(first);
      // Never twice there, never twice gone.
      first.slice(0, -1).forEach((event, i) => {
        expect(event).toBe(i % 2 === 0 ? "join c-1" : "leave c-1");
      });
      expect(first.length % 2).toBe(1);
      for (const { missed } of heard) expect(missed()).toBe(0);
    });

    it("tells of each member of a killed process once, however many nodes are left", async () => {
      const nodes = [await startNode(), await startNode(), await startNode()];
      const heard = await Promise.all(nodes.map((node) => listen(node, ROOM)));
      const clients = Array.from({ length: 20 }, (_, i) => `k-${i}`);
      await nodes[0]?.join(ROOM, ann);
      const killed = await spawnNode(url, prefix, clients);
      expect(await nodes[0]?.stats(ROOM)).toEqual({ numClients: 21, numUsers: 2 });
      killed();
      await vi.waitFor(async () => {
        expect(await nodes[2]?.stats(ROOM)).toEqual({ numClients: 1, numUsers: 1 });
      }, SOON);
      // Whatever is told twice is told before this.
      await nodes[1]?.join(ROOM, bob);
      const leaves = clients.map((client) => `leave ${client}`).sort();
      for (const { events } of heard) {
        await vi.waitFor(() => expect(events).toContain("join c-2"));
        expect(events.filter((event) => event.startsWith("leave")).sort()).toEqual(leaves);
      }
    });

    it("begins without the members of nodes that all died", async () => {
      const [dead, proxy] = await startProxied();
      await dead.join(ROOM, ann);
      proxy.cut();
      // Its key has to be too old, with nobody there to see it.
      await vi.waitFor(async () => {
        const [last = 0] = await renewalsOfNodes(url, prefix);
        expect(Date.now() - last).toBeGreaterThan(LEASE_MS);
      }, SOON);
      const next = await startNode();
      expect(await next.members(ROOM, 10)).toEqual([]);
    });

    it("puts its members on again after a cut that was longer than its lease", async () => {
      const [cut, proxy] = await startProxied();
      const node = await startNode();
      const onCut = await listen(cut, ROOM);
      const onNode = await listen(node, ROOM);
      await cut.join(ROOM, ann);
      await node.join(ROOM, bob);
      await vi.waitFor(() => expect(onCut.events).toHaveLength(2));
      proxy.cut();
      await vi.waitFor(() => expect(onNode.events.at(-1)).toBe("leave c-1"), SOON);
      await node.leave(ROOM, bob.client);
      proxy.heal();
      await vi.waitFor(() => expect(onNode.events.at(-1)).toBe("join c-1"), SOON);
      expect(onNode.events).toEqual(["join c-1", "join c-2", "leave c-1", "leave c-2", "join c-1"]);
      expect(onNode.missed()).toBe(0);
      // It was cut off from two leaves, and hears that before it hears of anything that came after.
      await vi.waitFor(() => {
        expect(onCut.events).toEqual(["join c-1", "join c-2", "missed", "join c-1"]);
      }, SOON);
      for (const one of [cut, node]) {
        expect(await one.stats(ROOM)).toEqual({ numClients: 1, numUsers: 1 });
      }
    });

    it("makes no event of a cut that was shorter than its lease", async () => {
      const [cut, proxy] = await startProxied();
      const node = await startNode();
      const onCut = await listen(cut, ROOM);
      const onNode = await listen(node, ROOM);
      await cut.join(ROOM, ann);
      proxy.cut();
      proxy.heal();
      await vi.waitFor(() => expect(onCut.events).toEqual(["join c-1", "missed"]), SOON);
      await cut.join(ROOM, bob);
      await cut.leave(ROOM, ann.client);
      const expected = ["join c-1", "join c-2", "leave c-1"];
      await vi.waitFor(() => expect(onNode.events).toEqual(expected), SOON);
    });

    it("does later what it could not do because NATS did not answer", async () => {
      const [cut, proxy] = await startProxied();
      const node = await startNode();
      await cut.join(HALL, ann);
      proxy.cut();
      const refused = [cut.join(ROOM, bob), cut.leave(HALL, ann.client)];
      for (const call of refused) await expect(call).rejects.toMatchObject(unavailable);
      proxy.heal();
      await vi.waitFor(async () => expect(await node.members(ROOM, 9)).toEqual([bob]), SOON);
      await vi.waitFor(async () => expect(await node.members(HALL, 9)).toEqual([]), SOON);
    });

    it("puts its members on again when it stood still for longer than its lease", async () => {
      const [frozen, proxy] = await startProxied();
      const node = await startNode();
      const onNode = await listen(node, ROOM);
      await frozen.join(ROOM, ann);
      proxy.freeze();
      await vi.waitFor(() => expect(onNode.events).toEqual(["join c-1", "leave c-1"]), SOON);
      proxy.heal();
      const expected = ["join c-1", "leave c-1", "join c-1"];
      await vi.waitFor(() => expect(onNode.events).toEqual(expected), SOON);
      expect(await frozen.members(ROOM, 9)).toEqual([ann]);
    });

    it("takes nobody for dead because NATS itself did not answer for a while", async () => {
      const [first, toFirst] = await startProxied();
      const [second, toSecond] = await startProxied();
      const onFirst = await listen(first, ROOM);
      await second.join(ROOM, ann);
      toFirst.freeze();
      toSecond.freeze();
      await vi.waitFor(async () => {
        const [last = 0] = await renewalsOfNodes(url, prefix);
        expect(Date.now() - last).toBeGreaterThan(LEASE_MS);
      }, SOON);
      const renewals = new Set([(await renewalsOfNodes(url, prefix))[0]]);
      toFirst.heal();
      // It looks at the other after its first renewal, so with the next one it has taken its decision.
      await vi.waitFor(async () => {
        renewals.add((await renewalsOfNodes(url, prefix))[0]);
        expect(renewals.size).toBe(3);
      }, SOON);
      toSecond.heal();
      await second.join(ROOM, bob);
      await vi.waitFor(() => expect(onFirst.events).toEqual(["join c-1", "join c-2"]), SOON);
    });

    // What made sure that nobody came back was written over the record of who had left.
    it("makes one event of a join and of a leave whose answers were lost, and knows who left", async () => {
      const [deaf, proxy] = await startProxied(60_000);
      const node = await startNode(url, 60_000);
      const onNode = await listen(node, ROOM);
      proxy.loseAnswers();
      await expect(deaf.join(ROOM, ann)).rejects.toMatchObject(unavailable);
      expect(onNode.events).toEqual(["join c-1"]);
      const leaving = deaf.leave(ROOM, ann.client);
      proxy.cut();
      proxy.heal();
      await leaving;
      expect(await node.members(ROOM, 9)).toEqual([]);
      await deaf.join(ROOM, ann);
      proxy.loseAnswers();
      await expect(deaf.leave(ROOM, ann.client)).rejects.toMatchObject(unavailable);
      proxy.cut();
      proxy.heal();
      await deaf.leave(ROOM, ann.client);
      expect(await node.lately(ROOM, 10_000)).toMatchObject([{ leftAgoMs: expect.any(Number) }]);
      await deaf.join(ROOM, bob);
      const expected = ["join c-1", "leave c-1", "join c-1", "leave c-1", "join c-2"];
      await vi.waitFor(() => expect(onNode.events).toEqual(expected));
    });

    it("leaves a client to another node when it does not know whether it had it", async () => {
      const [deaf, proxy] = await startProxied(60_000);
      const node = await startNode(url, 60_000);
      proxy.loseAnswers();
      await expect(deaf.join(ROOM, ann)).rejects.toMatchObject({ code: "unavailable" });
      await node.join(ROOM, ann);
      const leaving = deaf.leave(ROOM, ann.client);
      proxy.cut();
      proxy.heal();
      await leaving;
      expect(await node.members(ROOM, 9)).toEqual([ann]);
    });

    it("leaves a client to the node that it joined through while the one before was cut off", async () => {
      const [cut, proxy] = await startProxied();
      const node = await startNode();
      const onCut = await listen(cut, ROOM);
      await cut.join(ROOM, ann);
      proxy.cut();
      await node.join(ROOM, ann);
      proxy.heal();
      await vi.waitFor(() => expect(onCut.missed()).toBe(1), SOON);
      await cut.join(ROOM, bob);
      await cut.close();
      expect(await node.members(ROOM, 9)).toEqual([ann]);
      await node.leave(ROOM, ann.client);
      expect(await node.members(ROOM, 9)).toEqual([]);
    });
  });

  describe("Presence on a NATS server that is killed", () => {
    it("puts all members on again and says that events may have been lost", async ({ skip }) => {
      const program = findProgram(ENGINE_SERVERS.nats);
      if (program === undefined)
        return skip("no nats-server to start; npm run engines installs it");
      const server = await startServer(ENGINE_SERVERS.nats, program);
      const start = async (): Promise<Presence> => {
        const link = createNatsLink({ servers: [server.url], prefix: "t" });
        const node = createNatsPresence(link, { leaseMs: LEASE_MS });
        await node.start();
        return node;
      };
      const nodes = [await start(), await start()] as const;
      const heard = await Promise.all(nodes.map((node) => listen(node, ROOM)));
      await nodes[0].join(ROOM, ann);
      await nodes[1].join(ROOM, bob);
      await server.stop();
      const again = await startServer(
        ENGINE_SERVERS.nats,
        program,
        Number(new URL(server.url).port),
      );
      expect(again.url).toBe(server.url);
      for (const { missed } of heard) await vi.waitFor(() => expect(missed()).toBe(1), SOON);
      for (const node of nodes) {
        await vi.waitFor(async () => {
          expect(await node.stats(ROOM)).toEqual({ numClients: 2, numUsers: 2 });
        }, SOON);
      }
      // Who comes back first does not hear the other go, nor the other hear it come: that is what `missed` is for.
      heard.forEach(({ events }, i) => {
        expect(events.lastIndexOf(`join c-${i + 1}`)).toBeGreaterThan(events.indexOf("missed"));
      });
      await Promise.all(nodes.map((node) => node.close()));
      await again.stop();
    });
  });
});

interface Heard {
  readonly events: string[];
  missed(): number;
}

async function listen(node: Presence, channel: string): Promise<Heard> {
  const events: string[] = [];
  const listening = node.watch({
    onEvent: (event) => void events.push(summary(event)),
    onMissed: () => void events.push("missed"),
  });
  await listening.follow(channel);
  return { events, missed: () => events.filter((event) => event === "missed").length };
}

function summary({ type, member }: LiveEvent): string {
  return `${type} ${member.client}`;
}

/** Starts a node in a process of its own; returns what kills it. */
async function spawnNode(url: string, prefix: string, clients: string[]): Promise<() => void> {
  const program = fileURLToPath(new URL("./nats-presence-process.fixture.ts", import.meta.url));
  const args = ["--conditions=@anywire/source", program, url, prefix, ROOM, String(LEASE_MS)];
  const child = spawn(process.execPath, [...args, ...clients], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  await once(child.stdout, "data");
  return () => child.kill("SIGKILL");
}

/** When each node wrote its key, the latest first. */
async function renewalsOfNodes(url: string, prefix: string): Promise<number[]> {
  const connection = await connect({ servers: url });
  try {
    const { direct } = await jetstreamManager(connection);
    const multi_last = [`$KV.${prefix}-presence.node.*`];
    const times: number[] = [];
    for await (const { time } of await direct.getLastMessagesFor(`KV_${prefix}-presence`, {
      multi_last,
    })) {
      times.push(time.getTime());
    }
    return times.sort((a, b) => b - a);
  } finally {
    await connection.close();
  }
}
