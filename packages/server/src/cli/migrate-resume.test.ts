import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { createSqliteLog } from "@anywire/engines/sqlite";
import { DynamoDBClient, GetItemCommand } from "@aws-sdk/client-dynamodb";
import { jetstreamManager } from "@nats-io/jetstream";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { withEngine } from "../../../../scripts/engines/with-engine.ts";
import { createEngine } from "../engine.ts";
import { fillKeys, fillLog, type MigrationSetup, migrationSetup } from "./migrate-setup.fixture.ts";

const BIN = fileURLToPath(new URL("../../bin/anywire.js", import.meta.url));
const ENTRIES = 5_000;
const ALL = { pattern: ">", limit: 10_000, order: "asc" } as const;

withEngine("nats", (nats) => {
  withEngine("dynamodb", (dynamodb) => {
    let setup: MigrationSetup;
    let data: string;

    beforeEach(async () => {
      setup = await migrationSetup(nats, dynamodb);
      data = join(setup.directory, "data");
    });

    afterEach(() => setup.dispose());

    /** Kills a migration as soon as so much is there; what was there then. */
    async function killWhen(howMuch: () => Promise<number>, enough: number): Promise<number> {
      const child: ChildProcess = spawn(process.execPath, [BIN, "migrate", "--to", "cluster"], {
        cwd: setup.directory,
        env: setup.environment,
        stdio: "ignore",
      });
      const ended = once(child, "exit");
      const poll = { timeout: 60_000, interval: 2 };
      await vi.waitFor(async () => expect(await howMuch()).toBeGreaterThanOrEqual(enough), poll);
      child.kill("SIGKILL");
      await ended;
      return await howMuch();
    }

    async function copied(): Promise<number> {
      const { streams } = await jetstreamManager(setup.nats);
      return (await streams.info(`${setup.name}-log`)).state.last_seq;
    }

    /** Dead letters and consumers in the cluster. Beside them are leases, one of each run that was killed. */
    async function given(): Promise<number> {
      const { streams } = await jetstreamManager(setup.nats);
      const filter = { subjects_filter: `${setup.name}.consumers.after.>` };
      const { state } = await streams.info(`${setup.name}-consumers`, filter);
      return Object.keys(state.subjects ?? {}).length;
    }

    /** Leaves a consumer that gave up on everything. */
    async function giveUpAll(): Promise<void> {
      const log = createSqliteLog({ directory: data, synchronous: "off" });
      await log.start();
      const consumer = await log.consume({ name: "after", pattern: ">", maxAttempts: 1 }, () =>
        Promise.reject(new Error("no such number")),
      );
      await vi.waitFor(async () => expect(await consumer.position()).toBe(ENTRIES), 60_000);
      await log.close();
    }

    test("killed at random places, it goes on where it was and doubles nothing", async () => {
      const seed = Math.floor(Math.random() * 2 ** 31);
      await fillLog(data, ENTRIES, seed);
      await fillKeys(data, 300);
      await giveUpAll();
      const client = new DynamoDBClient({
        endpoint: dynamodb,
        region: "local",
        credentials: { accessKeyId: "local", secretAccessKey: "local" },
      });
      const projected = async (): Promise<number> => {
        const Key = { pk: { S: "meta" }, sk: { S: "meta" } };
        const command = new GetItemCommand({ TableName: setup.name, Key, ConsistentRead: true });
        return Number((await client.send(command)).Item?.["p"]?.N ?? 0);
      };
      const places: number[] = [];
      const upTo = (most: number): number => 1 + Math.floor(Math.random() * most);
      places.push(await killWhen(copied, upTo(1_500)));
      places.push(await killWhen(copied, Math.min((places[0] ?? 0) + upTo(1_500), ENTRIES)));
      places.push(await killWhen(given, upTo(3_000)));
      places.push(await killWhen(projected, upTo(1_500)));
      places.push(await killWhen(projected, Math.min((places[3] ?? 0) + upTo(1_500), ENTRIES)));
      const { code, out, err } = await setup.run("migrate", "--to", "cluster", "--json");
      const where = { seed, places, err };
      expect({ code, where }).toMatchObject({ code: 0 });
      const consumers = { consumers: 1, waiting: 0, deadLetters: ENTRIES };
      expect({ ...JSON.parse(out), where }).toMatchObject({ isSame: true, consumers, keys: 300 });
      expect([await copied(), await given()]).toEqual([ENTRIES, ENTRIES + 1]);
      const source = createSqliteLog({ directory: data });
      const { log } = await createEngine(setup.config);
      await source.start();
      await log.start();
      expect((await log.read(ALL)).entries).toEqual((await source.read(ALL)).entries);
      await log.close();
      await source.close();
      client.destroy();
    }, 180_000);
  });
});
