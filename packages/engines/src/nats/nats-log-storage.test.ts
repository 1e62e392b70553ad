import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import type { EntryDraft, Log, LogEntry } from "@anywire/core";
import { createEntryId } from "@anywire/types";
import { jetstreamManager } from "@nats-io/jetstream";
import { connect } from "@nats-io/transport-node";
import { afterEach, describe, expect, it, vi } from "vitest";
import { startTcpProxy } from "../../../../scripts/engines/tcp-proxy.ts";
import { withEngine } from "../../../../scripts/engines/with-engine.ts";
import { createNatsLink } from "./nats-link.ts";
import { createNatsLog, type NatsLogOptions } from "./nats-log.ts";
import { newPrefix, removeStreams } from "./nats-streams.fixture.ts";

const ROOM = "production.group.room";
const ALL = { pattern: ">", limit: 10_000, order: "asc" } as const;

withEngine("nats", (url) => {
  describe("what the NATS log stores", () => {
    let prefix = newPrefix();
    const open: { close(): Promise<void> }[] = [];

    afterEach(async () => {
      for (const one of open.splice(0).reverse()) await one.close();
      await removeStreams(url, prefix);
      prefix = newPrefix();
    });

    async function join(options: NatsLogOptions = {}, at = url): Promise<Log> {
      const log = createNatsLog(createNatsLink({ servers: [at], prefix }), options);
      open.push(log);
      await log.start();
      return log;
    }

    async function manager() {
      const connection = await connect({ servers: url });
      open.push(connection);
      return (await jetstreamManager(connection)).streams;
    }

    /** How often the stream is read. */
    async function reads(): Promise<() => Promise<number>> {
      const spy = await connect({ servers: url });
      open.push(spy);
      const heard = spy.subscribe(`$JS.API.DIRECT.GET.${prefix}-log`, { callback: () => {} });
      await spy.flush();
      return async () => {
        await spy.flush();
        return heard.getReceived();
      };
    }

    it("has each id once and an unbroken chain when two nodes hammer one channel", async () => {
      const nodes = [await join(), await join()];
      const drafts = Array.from({ length: 400 }, () => draft());
      const appends = drafts.flatMap((one) => nodes.map((node) => node.append(one)));
      const appended = await Promise.all(appends);
      expect(appended.filter(({ isNew }) => isNew)).toHaveLength(400);
      const entries = (await nodes[0]?.read(ALL))?.entries ?? [];
      expect(entries.map(({ previousOffset }) => previousOffset)).toEqual(entries.map((_, i) => i));
      for (const { entry } of appended) expect(entries[entry.offset - 1]).toEqual(entry);
    });

    // Whoever published without a break was always faster than who had to look first what was new: the other
    // node's append was overtaken until its time was over.
    it("lets a node append to a channel on which another publishes without a break", async () => {
      const far = await startTcpProxy(url, 3);
      open.push(far);
      const other = await join({ appendTimeoutMs: 5_000 }, far.url);
      const file = fileURLToPath(new URL("./nats-log-process.fixture.ts", import.meta.url));
      const busy = spawn(process.execPath, [...process.execArgv, file, url, prefix, ROOM]);
      open.push({ close: async () => void busy.kill("SIGKILL") });
      await once(busy.stdout, "data");
      for (let i = 0; i < 10; i += 1) expect((await other.append(draft())).isNew).toBe(true);
    });

    it("knows an id again when its node has long forgotten the channel", async () => {
      const log = await join({ maxIds: 1 });
      for (const id of ["m-1", createEntryId()]) {
        const first = await log.append(draft({ id }));
        for (let i = 0; i < 5; i += 1) {
          await log.append(draft());
          await log.append(draft({ channel: `production.group.${i}` }));
        }
        expect(await log.append(draft({ id }))).toEqual({ entry: first.entry, isNew: false });
      }
    });

    // It let channels go that were in use, and read a day of them at the next append: publishing broke down at 500,000 ids.
    it("does not read its channels again though they have more ids than it may keep", async () => {
      const log = await join({ maxIds: 200 });
      const channels = Array.from({ length: 10 }, (_, i) => `production.group.${i}`);
      const count = await reads();
      const first = draft({ channel: channels[0] ?? ROOM });
      await log.append(first);
      for (let i = 0; i < 100; i += 1) {
        await Promise.all(channels.map((channel) => log.append(draft({ channel }))));
      }
      // One for each channel, when it was first used; now and then an id looks like another.
      const before = await count();
      expect(before).toBeLessThan(20);
      expect((await log.append(first)).isNew).toBe(false);
      // Where it is had been forgotten: the channel's last entry, those before it, and the one that was asked for.
      expect(await count()).toBe(before + 3);
    });

    // Only what it appended itself was counted: one append, and then it kept the ids of all others for ever.
    it("lets ids fade that it has heard of from another node", async () => {
      const [here, there] = [await join({ maxIds: 50 }), await join()];
      const heard: LogEntry[] = [];
      await here.tail((entry) => void heard.push(entry)).follow(">");
      const first = draft();
      await here.append(first);
      await Promise.all(Array.from({ length: 200 }, () => there.append(draft())));
      await vi.waitFor(() => expect(heard).toHaveLength(201));
      const count = await reads();
      expect((await here.append(first)).isNew).toBe(false);
      expect(await count()).toBeGreaterThan(1);
    });

    it("lets a channel go that was not used for longest when there are too many ids even so", async () => {
      const log = await join({ maxIds: 1 });
      const hall = draft({ channel: "production.group.hall" });
      await log.append(hall);
      for (let i = 0; i < 50; i += 1) await log.append(draft());
      const count = await reads();
      await log.append({ ...hall, id: createEntryId() });
      expect(await count()).toBeGreaterThan(0);
    });

    it("knows an id again on another node among thousands of entries", async () => {
      const a = await join();
      const first = [await a.append(draft({ id: "m-1" })), await a.append(draft())];
      await Promise.all(Array.from({ length: 2_500 }, () => a.append(draft())));
      const b = await join();
      for (const { entry } of first) {
        expect(await b.append(entry)).toEqual({ entry, isNew: false });
      }
    });

    it("refuses with storage_full when the log is as large as it may be, and takes more once it may", async () => {
      const log = await join({ maxBytes: 20_000 });
      const dataJson = JSON.stringify("x".repeat(3_000));
      const fill = async (): Promise<void> => {
        for (;;) await log.append(draft({ dataJson }));
      };
      await expect(fill()).rejects.toMatchObject({ code: "storage_full" });
      const before = (await log.read(ALL)).entries.length;
      expect(before).toBeGreaterThan(3);
      const roomy = await join({ maxBytes: 0 });
      expect((await roomy.append(draft({ dataJson }))).entry.offset).toBe(before + 1);
    });

    it("refuses an entry that is larger than the server takes, and no other one with it", async () => {
      const log = await join();
      const dataJson = JSON.stringify("x".repeat(2 * 1024 * 1024));
      const [large, small] = await Promise.allSettled([
        log.append(draft({ dataJson })),
        log.append(draft()),
      ]);
      expect(large).toMatchObject({ status: "rejected", reason: { code: "too_large" } });
      expect(small).toMatchObject({ status: "fulfilled", value: { isNew: true } });
    });

    it("reads pages of large entries in both directions", async () => {
      const log = await join();
      const dataJson = JSON.stringify("x".repeat(800_000));
      for (let i = 0; i < 16; i += 1) await log.append(draft({ dataJson }));
      for (const pattern of [ROOM, ">"]) {
        const up = await log.read({ pattern, limit: 7, order: "asc" });
        expect(up.entries.map(({ offset }) => offset)).toEqual([1, 2, 3, 4, 5, 6, 7]);
        const down = await log.read({ pattern, limit: 7, order: "desc" });
        expect(down.entries.map(({ offset }) => offset)).toEqual([16, 15, 14, 13, 12, 11, 10]);
        expect([up.hasMore, down.hasMore]).toEqual([true, true]);
      }
    });

    it("is one log when many nodes create it at the same moment", async () => {
      const nodes = await Promise.all(Array.from({ length: 8 }, () => join()));
      expect(new Set(nodes.map(({ epoch }) => epoch)).size).toBe(1);
    });

    it("is not opened when a newer version wrote it, or something else did", async () => {
      const streams = await manager();
      const settings = { name: `${prefix}-log`, subjects: [`${prefix}.log.>`] };
      await streams.add({ ...settings, metadata: { epoch: "e", format: "2" } });
      const damaged = { code: "storage_damaged" };
      await expect(join()).rejects.toMatchObject({
        ...damaged,
        message: expect.stringMatching(/newer/),
      });
      await streams.delete(settings.name);
      await streams.add(settings);
      await expect(join()).rejects.toMatchObject(damaged);
    });

    // Nobody followed anything, so that no tail noticed: the writer answered for ever that the entry's offset did not answer.
    it("stores an entry again that it has lost, when it is sent again", async () => {
      const network = await startTcpProxy(url);
      open.push(network);
      const log = await join({}, network.url);
      await log.append(draft());
      const lost = draft();
      await log.append(lost);
      network.cut();
      // As it was restored from a backup.
      const streams = await manager();
      const { config } = await streams.info(`${prefix}-log`);
      await streams.delete(config.name);
      await streams.add(config);
      network.heal();
      const again = await vi.waitFor(() => log.append(lost), { timeout: 10_000 });
      expect(again).toMatchObject({ isNew: true, entry: { offset: 1, previousOffset: 0 } });
      expect((await log.append(lost)).isNew).toBe(false);
    });

    it("is not mistaken for another log that took its place", async () => {
      const network = await startTcpProxy(url);
      open.push(network);
      const log = await join({}, network.url);
      await log.append(draft());
      network.cut();
      const streams = await manager();
      await streams.delete(`${prefix}-log`);
      await join();
      network.heal();
      const damaged = { code: "storage_damaged" };
      await vi.waitFor(() => expect(log.append(draft())).rejects.toMatchObject(damaged));
      await expect(log.read(ALL)).rejects.toMatchObject(damaged);
    });
  });
});

function draft(over: Partial<EntryDraft> = {}): EntryDraft {
  const id = createEntryId();
  return { channel: ROOM, id, kind: "message", sender: "account:ann", dataJson: "1", ...over };
}
