import type { Log, LogEntry } from "@anywire/core";
import { createEntryId } from "@anywire/types";
import { connect } from "@nats-io/transport-node";
import { afterEach, describe, expect, it, vi } from "vitest";
import { withEngine } from "../../../../scripts/engines/with-engine.ts";
import { createMemoryLog } from "../memory/memory-log.ts";
import type { ConsumerSnapshot } from "../shared/consumer-store.ts";
import { createNatsLink } from "./nats-link.ts";
import { createNatsLog } from "./nats-log.ts";
import { createNatsLogImport, type NatsLogImport } from "./nats-log-import.ts";
import { newPrefix, removeStreams } from "./nats-streams.fixture.ts";

const ALL = { pattern: ">", limit: 10_000, order: "asc" } as const;
/** A consumer at offset 10 of a log whose entry `n` is in the channel `production.group.<(n - 1) % 7>`. */
const SNAPSHOT: ConsumerSnapshot = {
  position: 10,
  parked: [
    { channel: "production.group.1", from: 2, attempts: 3, dueAt: 0 },
    { channel: "production.group.2", from: 10, attempts: 1, dueAt: 0 },
  ],
  givenUp: [
    { offset: 1, attempts: 8, error: "no such number", at: 1 },
    { offset: 4, attempts: 8, error: "no such number", at: 2 },
  ],
};

withEngine("nats", (url) => {
  describe("importing a log into NATS", () => {
    let prefix = newPrefix();
    const open: { close(): Promise<void> }[] = [];

    afterEach(async () => {
      for (const one of open.splice(0)) await one.close();
      await removeStreams(url, prefix);
      prefix = newPrefix();
    });

    const link = () => createNatsLink({ servers: [url], prefix });

    async function startImport(epoch: string): Promise<NatsLogImport> {
      const made = createNatsLogImport(link(), { epoch });
      open.push(made);
      await made.start();
      return made;
    }

    async function join(): Promise<Log> {
      const log = createNatsLog(link());
      open.push(log);
      await log.start();
      return log;
    }

    async function source(count: number): Promise<{ epoch: string; entries: LogEntry[] }> {
      const log = createMemoryLog();
      open.push(log);
      await log.start();
      for (let i = 0; i < count; i += 1) {
        await log.append({
          channel: `production.group.${i % 7}`,
          id: createEntryId(),
          kind: "data",
          sender: "account:ann",
          dataJson: JSON.stringify({ i }),
          ...(i % 2 === 0 ? { client: "c-1" } : {}),
        });
      }
      return { epoch: log.epoch, entries: [...(await log.read(ALL)).entries] };
    }

    it("keeps every entry, offset, time and the epoch, and the log goes on from there", async () => {
      const { epoch, entries } = await source(1_700);
      const importing = await startImport(epoch);
      await importing.write(entries);
      await importing.finish();
      const log = await join();
      expect(log.epoch).toBe(epoch);
      expect((await log.read(ALL)).entries).toEqual(entries);
      const [known] = entries;
      if (known === undefined) return;
      expect(await log.append(known)).toEqual({ entry: known, isNew: false });
      const { entry } = await log.append({ ...known, id: createEntryId() });
      const last = entries.findLast(({ channel }) => channel === known.channel);
      expect(entry).toMatchObject({ offset: 1_701, previousOffset: last?.offset });
    });

    it("goes on after the last entry that is there, and writes none twice", async () => {
      const { epoch, entries } = await source(20);
      const first = await startImport(epoch);
      await first.write(entries.slice(0, 12));
      await first.close();
      const second = await startImport(epoch);
      expect(await second.position()).toBe(12);
      await expect(second.write(entries)).rejects.toMatchObject({ code: "storage_damaged" });
      await second.write(entries.slice(12));
      await second.finish();
      expect((await (await join()).read(ALL)).entries).toEqual(entries);
    });

    it("lets no node open the log before it is finished", async () => {
      const { epoch, entries } = await source(3);
      const importing = await startImport(epoch);
      await importing.write(entries);
      await expect(join()).rejects.toMatchObject({ code: "unavailable" });
    });

    it("refuses a log that is another one, or that is in use", async () => {
      const log = await join();
      await expect(startImport("another")).rejects.toMatchObject({ code: "conflict" });
      const same = await startImport(log.epoch);
      const { entries } = await source(1);
      await expect(same.write(entries)).rejects.toMatchObject({ code: "conflict" });
    });

    it("refuses entries of which one is missing", async () => {
      const { epoch, entries } = await source(5);
      const importing = await startImport(epoch);
      await expect(importing.write(entries.toSpliced(2, 1))).rejects.toMatchObject({
        code: "storage_damaged",
      });
    });

    it("notices that somebody else writes into the log", async () => {
      const { epoch, entries } = await source(4);
      const [one, other] = [await startImport(epoch), await startImport(epoch)];
      await one.write(entries.slice(0, 2));
      await one.write(entries.slice(2, 3));
      await expect(other.write(entries.slice(0, 2))).rejects.toMatchObject({ code: "conflict" });
    });

    it("keeps how far a consumer is, what it has to try again and what it gave up", async () => {
      const { epoch, entries } = await source(14);
      const importing = await startImport(epoch);
      await importing.write(entries);
      await importing.writeConsumer("worker", SNAPSHOT);
      expect(await importing.consumer("worker")).toEqual(SNAPSHOT);
      await importing.finish();
      const log = await join();
      const handled: string[] = [];
      const consumer = await log.consume(
        { name: "worker", pattern: ">" },
        async (entry, attempt) => {
          handled.push(`${entry.offset}/${attempt}`);
        },
      );
      const left = ["10/2", "11/1", "12/1", "13/1", "14/1", "2/4", "9/1"];
      await vi.waitFor(() => expect(handled.toSorted()).toEqual(left));
      expect(await consumer.deadLetters(0, 10)).toMatchObject([
        { entry: entries[0], attempts: 8, error: "no such number", at: 1 },
        { entry: entries[3], at: 2 },
      ]);
      expect(await consumer.replay(4)).toBe(true);
    });

    it("writes a consumer anew when the one who wrote it before was killed over it", async () => {
      const { epoch } = await source(0);
      const first = await startImport(epoch);
      await first.writeConsumer("worker", SNAPSHOT);
      const connection = await connect({ servers: [url] });
      const held = { holder: "killed", leaseMs: 300, position: 9, stamp: "" };
      await connection.request(`${prefix}.consumers.worker.state`, JSON.stringify(held));
      await connection.close();
      const [, parked] = SNAPSHOT.parked;
      const [, givenUp] = SNAPSHOT.givenUp;
      if (parked === undefined || givenUp === undefined) return;
      const later = {
        position: 12,
        parked: [{ ...parked, attempts: 2 }],
        givenUp: [givenUp, { ...givenUp, offset: 11 }],
      };
      await first.writeConsumer("worker", later);
      expect(await first.consumer("worker")).toEqual(later);
    });

    it("does not set a consumer back", async () => {
      const { epoch } = await source(0);
      const importing = await startImport(epoch);
      await importing.writeConsumer("worker", SNAPSHOT);
      await importing.writeConsumer("worker", { position: 9, parked: [], givenUp: [] });
      expect(await importing.consumer("worker")).toEqual(SNAPSHOT);
    });

    it("writes no consumer of a log that is in use", async () => {
      const { epoch, entries } = await source(3);
      const importing = await startImport(epoch);
      await importing.write(entries);
      await importing.finish();
      const log = await join();
      const consumer = await log.consume({ name: "worker", pattern: ">" }, async () => {});
      await vi.waitFor(async () => expect(await consumer.position()).toBe(3));
      const refused = { code: "conflict" };
      await expect(importing.writeConsumer("worker", SNAPSHOT)).rejects.toMatchObject(refused);
      const again = await startImport(epoch);
      await expect(again.writeConsumer("worker", SNAPSHOT)).rejects.toMatchObject(refused);
    });

    it("refuses to begin where a log that is gone has left consumers", async () => {
      const importing = await startImport("gone");
      await importing.writeConsumer("worker", SNAPSHOT);
      const connection = await connect({ servers: [url] });
      await connection.request(`$JS.API.STREAM.DELETE.${prefix}-log`);
      await connection.close();
      await expect(startImport("another")).rejects.toMatchObject({
        code: "conflict",
        message: expect.stringContaining(`the stream ${prefix}-consumers holds consumers`),
      });
    });
  });
});
