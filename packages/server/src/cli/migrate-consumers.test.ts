import { join } from "node:path";
import type { Consumer, ConsumerOptions, EntryHandler, Log } from "@anywire/core";
import { createNatsLink, createNatsLogImport } from "@anywire/engines/nats";
import { createSqliteLog, openSqliteSource } from "@anywire/engines/sqlite";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { withEngine } from "../../../../scripts/engines/with-engine.ts";
import { createEngine } from "../engine.ts";
import { type MigrationSetup, migrationSetup, type RanCommand } from "./migrate-setup.fixture.ts";

// Each makes streams and a table of its own.
vi.setConfig({ testTimeout: 60_000 });

const CHANNELS = 5;
const HALF = 60;
const ALL = 120;
/** Entry `n` is in the channel `n % CHANNELS`. */
const DEAD = 13;
const FAILING = 24;
const DEAD_LETTER = { entry: { offset: DEAD }, attempts: 1, error: "no such number" };

withEngine("nats", (nats) => {
  withEngine("dynamodb", (dynamodb) => {
    let setup: MigrationSetup;
    let data: string;

    beforeEach(async () => {
      setup = await migrationSetup(nats, dynamodb);
      data = join(setup.directory, "data");
    });

    afterEach(() => setup.dispose());

    const migrate = (): Promise<RanCommand> => setup.run("migrate", "--to", "cluster", "--json");

    const embedded = (): Log => createSqliteLog({ directory: data, synchronous: "off" });

    async function append(log: Log, from: number, to: number): Promise<void> {
      for (let n = from; n <= to; n += 1) {
        await log.append({
          channel: `production.group.${n % CHANNELS}`,
          id: `id-${n}`,
          kind: "data",
          sender: "account:ann",
          dataJson: `${n}`,
        });
      }
    }

    function consume(
      log: Log,
      handle: EntryHandler,
      options: Partial<ConsumerOptions> = {},
    ): Promise<Consumer> {
      return log.consume({ name: "after", pattern: "production.>", ...options }, handle);
    }

    /**
     * Handles the first half of a log, but for an entry that becomes a dead letter and one that fails and holds back its
     * channel. Returns the offsets of what is done.
     */
    async function workEmbedded(): Promise<number[]> {
      const log = embedded();
      await log.start();
      const done: number[] = [];
      await append(log, 1, FAILING - 1);
      const giving = await consume(
        log,
        async ({ offset }) => {
          if (offset === DEAD) throw new Error("no such number");
          done.push(offset);
        },
        { maxAttempts: 1 },
      );
      await vi.waitFor(() => expect(done).toHaveLength(FAILING - 2));
      await giving.close();
      await append(log, FAILING, HALF);
      const waiting = await consume(
        log,
        async ({ offset }) => {
          if (offset === FAILING) throw new Error("not now");
          done.push(offset);
        },
        { minBackoffMs: 60_000 },
      );
      await vi.waitFor(() => expect(done).toContain(HALF));
      await vi.waitFor(async () => expect(await waiting.position()).toBe(HALF));
      await waiting.close();
      await append(log, HALF + 1, ALL);
      await log.close();
      return done;
    }

    test("a consumer goes on in the cluster: nothing done is done again, nothing is left out", async () => {
      const done = await workEmbedded();
      const { code, out, err } = await migrate();
      expect({ code, err }).toMatchObject({ code: 0 });
      const copied = { consumers: 1, waiting: 1, deadLetters: 1 };
      expect(JSON.parse(out)).toMatchObject({ isSame: true, consumers: copied });
      expect(err).toContain('{"step":"consumers","done":1,"total":1');
      const { log } = await createEngine(setup.config);
      await log.start();
      const attempts = new Map<number, number[]>();
      const consumer = await consume(
        log,
        async ({ offset }, attempt) => {
          attempts.set(offset, [...(attempts.get(offset) ?? []), attempt]);
        },
        { maxBackoffMs: 1 },
      );
      const offsets = Array.from({ length: ALL }, (_, i) => i + 1);
      const left = offsets.filter((offset) => offset !== DEAD && !done.includes(offset));
      await vi.waitFor(async () => {
        expect([...attempts.keys()].sort((a, b) => a - b)).toEqual(left);
        expect(await consumer.position()).toBe(ALL);
      });
      // The failed attempt counts, and everything came once.
      expect(attempts.get(FAILING)).toEqual([2]);
      attempts.delete(FAILING);
      expect([...attempts.values()].every(([first, second]) => first === 1 && !second)).toBe(true);
      expect(await consumer.deadLetters(0, 10)).toMatchObject([DEAD_LETTER]);
      expect(await consumer.replay(DEAD)).toBe(true);
      expect(attempts.get(DEAD)).toEqual([2]);
      await log.close();
    });

    test("a consumer that has worked in the cluster is not set back by another run", async () => {
      await workEmbedded();
      expect((await migrate()).code).toBe(0);
      const { log } = await createEngine(setup.config);
      await log.start();
      const first = await consume(log, async () => {}, { maxBackoffMs: 1 });
      await vi.waitFor(async () => expect(await first.position()).toBe(ALL));
      await first.replay(DEAD);
      await first.close();
      const { code, out, err } = await migrate();
      expect({ code, err }).toMatchObject({ code: 0 });
      expect(JSON.parse(out)).toMatchObject({ isSame: true, consumers: null });
      const second = await consume(log, async () => {});
      expect(await second.position()).toBe(ALL);
      expect(await second.deadLetters(0, 10)).toEqual([]);
      await log.close();
    });

    test("a consumer that is another in the cluster is found, and no server can open that log", async () => {
      await workEmbedded();
      const source = await openSqliteSource(data);
      const { entries } = await source.log.read({ pattern: ">", limit: ALL, order: "asc" });
      const link = createNatsLink({ servers: [nats], prefix: setup.name });
      const importing = createNatsLogImport(link, { epoch: source.epoch });
      await importing.start();
      await importing.write(entries);
      await importing.writeConsumer("after", { ...source.consumer("after"), position: HALF + 1 });
      await importing.close();
      await source.close();
      const { code, out, err } = await migrate();
      expect([code, err]).toEqual([1, expect.stringMatching(/stays closed to servers/)]);
      expect(JSON.parse(out).differences).toEqual([
        expect.stringMatching(/^the consumer after: at offset 60, .* at offset 61, .* cluster$/),
      ]);
      const { log } = await createEngine(setup.config);
      await expect(log.start()).rejects.toMatchObject({ code: "unavailable" });
    });
  });
});
