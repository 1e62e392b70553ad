import type { Log } from "@anywire/core";
import { createEntryId } from "@anywire/types";
import { jetstreamManager } from "@nats-io/jetstream";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { withEngine } from "../../../../scripts/engines/with-engine.ts";
import type { ConsumerChanges } from "../shared/consumer-store.ts";
import { ConsumerRecords } from "./consumer-records.ts";
import { EntryReader } from "./entry-reader.ts";
import { LogStream } from "./log-stream.ts";
import { NatsConsumerStore } from "./nats-consumer-store.ts";
import { createNatsLink, type NatsLink } from "./nats-link.ts";
import { createNatsLog } from "./nats-log.ts";
import { NatsRequests } from "./nats-requests.ts";
import { newPrefix, removeStreams } from "./nats-streams.fixture.ts";
import { StreamPublisher } from "./stream-publisher.ts";

const NAME = "worker";
const NOTHING: ConsumerChanges = {
  position: 0,
  parked: [],
  unparked: [],
  givenUp: [],
  revived: [],
};

withEngine("nats", (url) => {
  describe("what consumers keep in NATS", () => {
    let prefix = "";
    let log: Log;
    let link: NatsLink;
    let a: NatsConsumerStore;
    let b: NatsConsumerStore;
    let closings: (() => void)[] = [];

    beforeEach(async () => {
      prefix = newPrefix();
      link = createNatsLink({ servers: [url], prefix });
      log = createNatsLog(link);
      await log.start();
      a = store();
      b = store();
      await a.open(NAME, "first");
    });

    afterEach(async () => {
      for (const close of closings) close();
      closings = [];
      await log.close();
      await removeStreams(url, prefix);
    });

    function store(): NatsConsumerStore {
      const stream = new LogStream(link, {});
      const requests = new NatsRequests(link);
      requests.open();
      closings.push(() => requests.close());
      const records = new ConsumerRecords(link, requests, stream);
      void records.open(1);
      const publisher = new StreamPublisher(requests);
      return new NatsConsumerStore(records, publisher, new EntryReader(requests, stream));
    }

    /** How many records were ever written. */
    async function written(): Promise<number> {
      const manager = await jetstreamManager(link.connection);
      return (await manager.streams.info(`${prefix}-consumers`)).state.last_seq;
    }

    it("gives the lease to one of many that ask at once", async () => {
      const asked = Array.from({ length: 10 }, (_, i) =>
        (i % 2 === 0 ? a : b).lease(`h-${i}`, [NAME], 60_000),
      );
      expect((await Promise.all(asked)).flat()).toEqual([NAME]);
    });

    it("takes nothing from a holder whose lease another has taken over", async () => {
      expect(await a.lease("a", [NAME], 200)).toEqual([NAME]);
      await vi.waitFor(async () => expect(await b.lease("b", [NAME], 60_000)).toEqual([NAME]));
      const given = { offset: 1, attempts: 3, error: "broken", at: 1 };
      await log.append({
        channel: "production.group.room",
        id: createEntryId(),
        kind: "message",
        sender: "account:ann",
        dataJson: "1",
      });
      const parked = [{ channel: "production.group.room", from: 1, attempts: 1, dueAt: 1 }];
      const changes = { ...NOTHING, position: 9, givenUp: [given], parked };
      expect(await a.save("a", NAME, changes)).toBe(false);
      expect(await b.load(NAME)).toEqual({ position: 0, parked: [] });
      expect(await b.deadLetters(NAME, 0, 10)).toEqual([]);
      expect(await a.lease("a", [NAME], 200)).toBeNull();
      expect(await b.save("b", NAME, changes)).toBe(true);
      expect(await a.load(NAME)).toEqual({ position: 9, parked });
      expect(await a.deadLetters(NAME, 0, 10)).toMatchObject([{ attempts: 3, error: "broken" }]);
    });

    it("keeps a lease that is renewed, however long another waits for it", async () => {
      await a.lease("a", [NAME], 150);
      const until = performance.now() + 600;
      while (performance.now() < until) {
        expect(await b.lease("b", [NAME], 150)).toEqual([]);
        expect(await a.lease("a", [NAME], 150)).toEqual([NAME]);
      }
    });

    it("renews a thousand consumers of a holder with one record", async () => {
      const names = Array.from({ length: 1_000 }, (_, i) => `c${i}`);
      await Promise.all(names.map((name) => a.open(name, "first")));
      expect(await a.lease("a", names, 60_000)).toEqual(names);
      expect(await b.lease("b", names, 60_000)).toEqual([]);
      const before = await written();
      expect(await a.lease("a", [], 60_000)).toEqual([]);
      expect(await b.lease("b", [], 60_000)).toEqual([]);
      expect((await written()) - before).toBe(2);
    });

    // Taking them all took longer than the lease that they were taken under, so that it was lost, and again and again.
    it("takes in turns what cannot be taken before the lease has to be renewed", async () => {
      const names = Array.from({ length: 2_000 }, (_, i) => `c${i}`);
      await Promise.all(names.map((name) => a.open(name, "first")));
      const first = (await a.lease("a", names, 1)) ?? [];
      expect(first.length).toBeGreaterThan(0);
      expect(first.length).toBeLessThan(2_000);
      expect(await a.lease("a", names, 60_000)).toEqual(names);
    });

    it("frees all that a holder has when its lease runs out, and ends it for good", async () => {
      const names = [NAME, "other"];
      await a.open("other", "first");
      expect(await a.lease("a", names, 150)).toEqual(names);
      await vi.waitFor(async () => expect(await b.lease("b", [NAME], 60_000)).toEqual([NAME]));
      expect(await b.lease("b", names, 60_000)).toEqual(names);
      expect(await a.lease("a", names, 60_000)).toBeNull();
      expect(await a.save("a", "other", NOTHING)).toBe(false);
    });

    it("frees what is given back, and all when the lease is ended", async () => {
      const names = [NAME, "other"];
      await a.open("other", "first");
      await a.lease("a", names, 60_000);
      await a.release("a", NAME);
      expect(await b.lease("b", names, 60_000)).toEqual([NAME]);
      await a.end("a");
      expect(await b.lease("b", names, 60_000)).toEqual(names);
      expect(await a.save("a", "other", NOTHING)).toBe(false);
    });

    it("gives back what is released while the lease is being renewed", async () => {
      await a.lease("a", [NAME], 60_000);
      const renewing = a.lease("a", [NAME], 60_000);
      await a.release("a", NAME);
      await renewing;
      expect(await b.lease("b", [NAME], 60_000)).toEqual([NAME]);
    });

    it("saves thousands of changes, and the position with the last of them", async () => {
      await a.lease("a", [NAME], 60_000);
      const channels = Array.from({ length: 2_500 }, (_, i) => `production.group.${i}`);
      const parked = channels.map((channel, i) => ({
        channel,
        from: i + 1,
        attempts: 0,
        dueAt: 0,
      }));
      expect(await a.save("a", NAME, { ...NOTHING, position: 7, parked })).toBe(true);
      expect(await b.load(NAME)).toEqual({ position: 7, parked });
      await a.save("a", NAME, { ...NOTHING, position: 8, unparked: channels.slice(1) });
      expect(await b.load(NAME)).toEqual({ position: 8, parked: parked.slice(0, 1) });
    });
  });
});
