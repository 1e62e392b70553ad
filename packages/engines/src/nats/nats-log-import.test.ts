import type { Log, LogEntry } from "@anywire/core";
import { createEntryId } from "@anywire/types";
import { afterEach, describe, expect, it } from "vitest";
import { withEngine } from "../../../../scripts/engines/with-engine.ts";
import { createMemoryLog } from "../memory/memory-log.ts";
import { createNatsLink } from "./nats-link.ts";
import { createNatsLog } from "./nats-log.ts";
import { createNatsLogImport, type NatsLogImport } from "./nats-log-import.ts";
import { newPrefix, removeStreams } from "./nats-streams.fixture.ts";

const ALL = { pattern: ">", limit: 10_000, order: "asc" } as const;

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
  });
});
