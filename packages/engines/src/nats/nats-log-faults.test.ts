import type { EntryDraft, Log, LogEntry } from "@anywire/core";
import { createEntryId } from "@anywire/types";
import { afterEach, describe, expect, it, vi } from "vitest";
import { startTcpProxy, type TcpProxy } from "../../../../scripts/engines/tcp-proxy.ts";
import { withEngine } from "../../../../scripts/engines/with-engine.ts";
import { createNatsLink } from "./nats-link.ts";
import { createNatsLog, type NatsLogOptions } from "./nats-log.ts";
import { hasServer, startServers } from "./nats-server.fixture.ts";
import { newPrefix, removeStreams } from "./nats-streams.fixture.ts";

const ROOM = "production.group.room";
const ALL = { pattern: ">", limit: 10_000, order: "asc" } as const;
const PATIENT = { timeout: 15_000, interval: 20 };

withEngine("nats", (url) => {
  describe("the NATS log, when the network or the server fails", () => {
    let prefix = newPrefix();
    const open: { close(): Promise<void> }[] = [];

    afterEach(async () => {
      for (const one of open.splice(0).reverse()) await one.close();
      await removeStreams(url, prefix);
      prefix = newPrefix();
    });

    async function join(at: string, options: NatsLogOptions = {}): Promise<Log> {
      const log = createNatsLog(createNatsLink({ servers: [at], prefix }), options);
      open.push(log);
      await log.start();
      return log;
    }

    async function proxy(): Promise<TcpProxy> {
      const made = await startTcpProxy(url);
      open.push(made);
      return made;
    }

    it("stores an entry once whose acknowledgement was lost, and answers with it", async () => {
      const network = await proxy();
      const log = await join(network.url);
      for (const channel of [ROOM, "production.group.hall"]) await log.append(draft(channel));
      network.loseAnswers();
      const lost = Array.from({ length: 30 }, () => draft(ROOM));
      const alone = draft("production.group.hall");
      const appends = [...lost, alone].map((one) => log.append(one));
      const other = await join(url);
      await vi.waitFor(async () => {
        expect(await other.head("production.group.hall")).toBeGreaterThan(2);
        expect(await other.head(ROOM)).toBeGreaterThan(3);
      }, PATIENT);
      network.heal();
      const appended = await Promise.all(appends);
      const { entries } = await other.read(ALL);
      expect(entries).toHaveLength(33);
      for (const { entry } of appended) expect(entries).toContainEqual(entry);
      expectChain(entries.filter(({ channel }) => channel === ROOM));
    });

    it("tails what was stored while its network was cut, once and in order, then live again", async () => {
      const network = await proxy();
      const cutOff = await join(network.url);
      const writer = await join(url);
      const tailed: number[] = [];
      await cutOff.tail(({ offset }) => tailed.push(offset)).follow("production.>");
      await appendMany(writer, 50);
      await vi.waitFor(() => expect(tailed).toHaveLength(50), PATIENT);
      network.cut();
      await appendMany(writer, 2_500);
      network.heal();
      const after = appendMany(writer, 500);
      await after;
      await vi.waitFor(() => expect(tailed.length).toBeGreaterThanOrEqual(3_050), PATIENT);
      await appendMany(writer, 1);
      await vi.waitFor(() => expect(tailed.at(-1)).toBe(3_051), PATIENT);
      expect(tailed).toEqual(Array.from({ length: 3_051 }, (_, i) => i + 1));
    });

    it("tails the channels that it follows, a thousand of them, over a cut", async () => {
      const network = await proxy();
      const cutOff = await join(network.url);
      const writer = await join(url);
      const channels = Array.from({ length: 1_000 }, (_, i) => `production.group.${i}`);
      const tailed: string[] = [];
      const listening = cutOff.tail(({ channel }) => tailed.push(channel));
      await Promise.all(channels.map((channel) => listening.follow(channel)));
      const strangers = channels.map((channel) => `${channel}-b`);
      const appendAll = () =>
        Promise.all([...channels, ...strangers].map((c) => writer.append(draft(c))));
      await appendAll();
      await vi.waitFor(() => expect(tailed).toHaveLength(1_000), PATIENT);
      // One after the other: after these it surely is live, and the cut is what makes it fall behind.
      for (let i = 1; i <= 10; i += 1) {
        await writer.append(draft("production.group.0"));
        await vi.waitFor(() => expect(tailed).toHaveLength(1_000 + i), { interval: 5 });
      }
      tailed.length = 0;
      network.cut();
      await appendAll();
      network.heal();
      await vi.waitFor(() => expect(tailed.length).toBeGreaterThanOrEqual(1_000), PATIENT);
      expect(tailed.toSorted()).toEqual(channels.toSorted());
    });

    it("goes on appending and tailing after a network that froze without a word", async () => {
      const network = await proxy();
      const log = await join(network.url, { appendTimeoutMs: 60_000 });
      const tailed: number[] = [];
      await log.tail(({ offset }) => tailed.push(offset)).follow(ROOM);
      await log.append(draft(ROOM));
      network.freeze();
      const frozen = Array.from({ length: 5 }, async () => {
        const { entry } = await log.append(draft(ROOM));
        expect(tailed).toContain(entry.offset);
      });
      const other = await join(url);
      await appendMany(other, 5);
      network.heal();
      await Promise.all(frozen);
      await vi.waitFor(() => expect(tailed).toHaveLength(11), PATIENT);
      expect(tailed).toEqual(Array.from({ length: 11 }, (_, i) => i + 1));
    });

    it("gives an append up with unavailable after its time, and heals by itself", async () => {
      const network = await proxy();
      const log = await join(network.url, { appendTimeoutMs: 300 });
      await log.append(draft(ROOM));
      network.cut();
      const unavailable = { code: "unavailable" };
      await Promise.all([
        expect(log.append(draft(ROOM))).rejects.toMatchObject(unavailable),
        expect(log.read(ALL)).rejects.toMatchObject(unavailable),
        expect(log.head(ROOM)).rejects.toMatchObject(unavailable),
        expect(log.tail(() => {}).follow(ROOM)).rejects.toMatchObject(unavailable),
      ]);
      network.heal();
      await vi.waitFor(() => log.append(draft(ROOM)), PATIENT);
    });

    it("closes while its network is cut", async () => {
      const network = await proxy();
      const log = await join(network.url, { appendTimeoutMs: 300 });
      await log.consume({ name: "worker", pattern: ">" }, async () => {});
      await log.tail(() => {}).follow(">");
      network.cut();
      const appending = log.append(draft(ROOM)).catch(() => {});
      await log.close();
      await appending;
    });

    it("closes soon when nobody answers any more", async () => {
      const network = await proxy();
      const log = await join(network.url);
      await log.tail(() => {}).follow(">");
      await log.append(draft(ROOM));
      network.freeze();
      const began = performance.now();
      await log.close();
      // A dead connection is noticed by its pings only after 10 s.
      expect(performance.now() - began).toBeLessThan(6_000);
    });

    it("hands a consumer over when its node is cut off, and lets no two nodes handle one entry", async () => {
      const network = await proxy();
      const cutOff = await join(network.url, { leaseMs: 600 });
      const other = await join(url, { leaseMs: 600 });
      const running = new Set<number>();
      const done = new Set<number>();
      const twice: number[] = [];
      const handle = async ({ offset }: LogEntry): Promise<void> => {
        if (running.has(offset)) twice.push(offset);
        running.add(offset);
        await new Promise(setImmediate);
        running.delete(offset);
        done.add(offset);
      };
      await cutOff.consume({ name: "worker", pattern: ">" }, handle);
      await other.consume({ name: "worker", pattern: ">" }, handle);
      await appendMany(other, 20);
      await vi.waitFor(() => expect(done.size).toBe(20), PATIENT);
      network.freeze();
      await appendMany(other, 20);
      await vi.waitFor(() => expect(done.size).toBe(40), PATIENT);
      network.heal();
      await appendMany(other, 20);
      await vi.waitFor(() => expect(done.size).toBe(60), PATIENT);
      expect(twice).toEqual([]);
    });

    it.skipIf(!hasServer)(
      "loses and repeats nothing when its server is killed again and again",
      async () => {
        const [server] = await startServers();
        if (server === undefined) return;
        open.push({ close: () => server.dispose() });
        const [a, b] = [await join(server.url), await join(server.url)];
        const onA: number[] = [];
        const onB: number[] = [];
        await a.tail(({ offset }) => onA.push(offset)).follow(">");
        await b.tail(({ offset }) => onB.push(offset)).follow("production.>");
        const acknowledged: LogEntry[] = [];
        let isOver = false;
        const publish = async (log: Log, i: number): Promise<void> => {
          while (!isOver) {
            const one = draft(`production.group.${i % 5}`);
            const { entry } = await log.append(one);
            acknowledged.push(entry);
          }
        };
        const publishers = Array.from({ length: 20 }, (_, i) => publish(i % 2 === 0 ? a : b, i));
        for (let round = 1; round <= 3; round += 1) {
          const before = acknowledged.length;
          await vi.waitFor(
            () => expect(acknowledged.length).toBeGreaterThan(before + 300),
            PATIENT,
          );
          await server.kill();
          await server.start();
        }
        isOver = true;
        await Promise.all(publishers);
        const entries = await readAll(a);
        for (const channel of new Set(entries.map((entry) => entry.channel))) {
          expectChain(entries.filter((entry) => entry.channel === channel));
        }
        const byOffset = new Map(entries.map((entry) => [entry.offset, entry]));
        for (const entry of acknowledged) expect(byOffset.get(entry.offset)).toEqual(entry);
        expect(new Set(entries.map(({ id }) => id)).size).toBe(entries.length);
        const offsets = entries.map(({ offset }) => offset);
        await vi.waitFor(() => expect(onA).toEqual(offsets), PATIENT);
        await vi.waitFor(() => expect(onB).toEqual(offsets), PATIENT);
      },
    );

    it.skipIf(!hasServer)(
      "loses and repeats nothing when the leader of three servers is killed",
      { timeout: 60_000 },
      async () => {
        const servers = await startServers(3);
        open.push({ close: async () => void (await Promise.all(servers.map((s) => s.dispose()))) });
        const urls = servers.map((server) => server.url);
        const node = async (): Promise<Log> => {
          const link = createNatsLink({ servers: urls, prefix });
          const log = createNatsLog(link, { replicas: 3, appendTimeoutMs: 30_000 });
          open.push(log);
          await log.start();
          return log;
        };
        const [a, b] = [await node(), await node()];
        const onB: number[] = [];
        await b.tail(({ offset }) => onB.push(offset)).follow(">");
        const acknowledged: LogEntry[] = [];
        let isOver = false;
        const publish = async (log: Log, i: number): Promise<void> => {
          while (!isOver) {
            const { entry } = await log.append(draft(`production.group.${i % 4}`));
            const other = log === a ? b : a;
            const query = { pattern: entry.channel, after: entry.offset - 1, limit: 1 } as const;
            // Electing a leader takes longer than a read waits.
            const read = () => other.read({ ...query, order: "asc" });
            const { entries } = await vi.waitFor(read, PATIENT);
            expect(entries).toEqual([entry]);
            acknowledged.push(entry);
          }
        };
        const publishers = Array.from({ length: 8 }, (_, i) => publish(i % 2 === 0 ? a : b, i));
        for (const server of servers) {
          const before = acknowledged.length;
          await vi.waitFor(() => expect(acknowledged.length).toBeGreaterThan(before + 100), {
            timeout: 30_000,
          });
          await server.kill();
          await server.start();
        }
        isOver = true;
        await Promise.all(publishers);
        const entries = await readAll(a);
        for (const channel of new Set(entries.map((entry) => entry.channel))) {
          expectChain(entries.filter((entry) => entry.channel === channel));
        }
        const byOffset = new Map(entries.map((entry) => [entry.offset, entry]));
        for (const entry of acknowledged) expect(byOffset.get(entry.offset)).toEqual(entry);
        const offsets = entries.map(({ offset }) => offset);
        await vi.waitFor(() => expect(onB).toEqual(offsets), PATIENT);
      },
    );
  });
});

function draft(channel: string, over: Partial<EntryDraft> = {}): EntryDraft {
  return {
    channel,
    id: createEntryId(),
    kind: "message",
    sender: "account:ann",
    dataJson: "1",
    ...over,
  };
}

async function appendMany(log: Log, count: number): Promise<void> {
  await Promise.all(Array.from({ length: count }, () => log.append(draft(ROOM))));
}

async function readAll(log: Log): Promise<LogEntry[]> {
  const all: LogEntry[] = [];
  for (let hasMore = true; hasMore; ) {
    const page = await log.read({ ...ALL, after: all.at(-1)?.offset ?? 0 });
    all.push(...page.entries);
    hasMore = page.hasMore;
  }
  return all;
}

function expectChain(entries: readonly LogEntry[]): void {
  let previous: LogEntry | undefined;
  for (const entry of entries) {
    expect(entry.previousOffset).toBe(previous?.offset ?? 0);
    expect(entry.timetoken > (previous?.timetoken ?? "")).toBe(true);
    previous = entry;
  }
}
