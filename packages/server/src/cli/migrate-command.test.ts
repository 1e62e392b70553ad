import { cp, mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Log, LogEntry } from "@anywire/core";
import { createNatsLink, createNatsLogImport } from "@anywire/engines/nats";
import { createSqliteLog, openSqliteSource } from "@anywire/engines/sqlite";
import { jetstreamManager } from "@nats-io/jetstream";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { withEngine } from "../../../../scripts/engines/with-engine.ts";
import { closeEngine, createEngine, startEngine } from "../engine.ts";
import {
  fillKeys,
  fillLog,
  type MigrationSetup,
  migrationSetup,
  type RanCommand,
} from "./migrate-setup.fixture.ts";

// Each makes streams and a table of its own, more than once.
vi.setConfig({ testTimeout: 60_000 });

const ENTRIES = 120;
const ALL = { pattern: ">", limit: 10_000, order: "asc" } as const;
const DRAFT = { channel: "production.group.z", kind: "data", sender: "account:ann" } as const;

withEngine("nats", (nats) => {
  withEngine("dynamodb", (dynamodb) => {
    let setup: MigrationSetup;
    let data: string;

    beforeEach(async () => {
      setup = await migrationSetup(nats, dynamodb);
      data = join(setup.directory, "data");
    });

    afterEach(() => setup.dispose());

    const migrate = (...args: string[]): Promise<RanCommand> =>
      setup.run("migrate", "--to", "cluster", ...args);

    async function embedded<T>(use: (log: Log) => Promise<T>, directory = data): Promise<T> {
      const log = createSqliteLog({ directory, synchronous: "off" });
      await log.start();
      try {
        return await use(log);
      } finally {
        await log.close();
      }
    }

    const entriesOf = async (log: Log): Promise<readonly LogEntry[]> =>
      (await log.read(ALL)).entries;

    /** Fills the cluster's log by hand, as far as `change` leaves entries, and does not finish. */
    async function importEntries(
      change: (entries: readonly LogEntry[]) => readonly LogEntry[],
    ): Promise<void> {
      const source = await openSqliteSource(data);
      const { entries } = await source.log.read(ALL);
      const link = createNatsLink({ servers: [nats], prefix: setup.name });
      const importing = createNatsLogImport(link, { epoch: source.epoch });
      await importing.start();
      await importing.write(change(entries));
      await importing.close();
      await source.close();
    }

    test("a log goes to a cluster as it is, with state and keys, and goes on there", async () => {
      await fillLog(data, ENTRIES, 1);
      await fillKeys(data, 20);
      await mkdir(join(data, "blobs"));
      await writeFile(join(data, "connections.key"), "a key\n");
      const { epoch, entries } = await embedded(async (log) => {
        return { epoch: log.epoch, entries: await entriesOf(log) };
      });
      const { code, out, err } = await migrate();
      expect({ code, err }).toMatchObject({ code: 0 });
      expect(out).toMatch(/Log, cluster: {4}120 entries in \d+ channels, SHA-256 [0-9a-f]{64}/);
      expect(out).toMatch(/State, cluster: {2}\d+ items, SHA-256 [0-9a-f]{64}/);
      expect(out).toMatch(/Keys and values: 20 copied\nEverything is the same/);
      expect(out).toContain(`${join(data, "blobs")} (attachments)`);
      expect(out).not.toContain("keys.json");
      expect(out).toContain(`encryptionKey to what is in ${join(data, "connections.key")}`);
      expect(out).toContain("set engine to cluster");
      expect(err).toMatch(/^100 % {2}120 of 120 entries copied, \d+ a second$/m);
      const engine = await createEngine(setup.config);
      await startEngine(engine);
      expect(engine.log.epoch).toBe(epoch);
      expect(await entriesOf(engine.log)).toEqual(entries);
      const channel = entries[0]?.channel ?? "";
      const before = entries.findLast((entry) => entry.channel === channel);
      const { entry } = await engine.log.append({ ...DRAFT, channel, id: "new", dataJson: "{}" });
      expect(entry).toMatchObject({ offset: ENTRIES + 1, previousOffset: before?.offset });
      expect((await engine.kv.list({ prefix: "key", limit: 100 })).items).toHaveLength(20);
      expect(await engine.kv.get("key 7 ü")).toMatchObject({ value: "value 7" });
      await closeEngine(engine);
    });

    test("started again when it is done, it counts and compares again and changes nothing", async () => {
      await fillLog(data, ENTRIES, 2);
      await fillKeys(data, 3);
      expect((await migrate()).code).toBe(0);
      const engine = await createEngine(setup.config);
      await startEngine(engine);
      await engine.kv.set("key 1 ü", "of the cluster");
      const { code, out, err } = await migrate("--json");
      expect({ code, err }).toMatchObject({ code: 0 });
      const result = JSON.parse(out);
      const { entries, digest } = result.log.embedded;
      expect(result).toMatchObject({ isSame: true, differences: [], copied: 0, keys: null });
      expect(result.log.cluster).toMatchObject({ entries, digest });
      expect(result.state.cluster).toEqual(result.state.embedded);
      expect(err.split("\n").map((line) => Object.keys(JSON.parse(line)))).toContainEqual([
        "progress",
      ]);
      expect(await engine.kv.get("key 1 ü")).toMatchObject({ value: "of the cluster" });
      await closeEngine(engine);
    });

    test("a cluster whose log was written on is left alone, and so is a log that was", async () => {
      await fillLog(data, ENTRIES, 3);
      expect((await migrate()).code).toBe(0);
      await cp(data, `${data}-as-it-was`, { recursive: true });
      await embedded((log) => log.append({ ...DRAFT, id: "more", dataJson: "{}" }));
      const written = await migrate();
      expect([written.code, written.err]).toEqual([
        1,
        expect.stringMatching(/up to offset 120, and has been written on to 121.*begin anew/),
      ]);
      const engine = await createEngine(setup.config);
      await engine.log.start();
      await engine.log.append({ ...DRAFT, id: "there", dataJson: "{}" });
      await engine.log.close();
      const used = await migrate("--data", `${data}-as-it-was`);
      expect([used.code, used.err]).toEqual([
        1,
        expect.stringMatching(/goes on to offset 121 and this one ends at 120/),
      ]);
    });

    test("a cluster that holds another log is refused", async () => {
      await fillLog(data, ENTRIES, 4);
      expect((await migrate()).code).toBe(0);
      const other = join(setup.directory, "other");
      await fillLog(other, ENTRIES, 5);
      const { code, err } = await migrate("--data", other);
      expect([code, err]).toEqual([1, expect.stringMatching(/another log.*choose another prefix/)]);
    });

    test("what was begun with another copy of the same directory is refused", async () => {
      await fillLog(data, ENTRIES, 6);
      const copy = join(setup.directory, "copy");
      await cp(data, copy, { recursive: true });
      await embedded((log) => log.append({ ...DRAFT, id: "here", dataJson: "{}" }));
      await importEntries((entries) => entries);
      await embedded((log) => log.append({ ...DRAFT, id: "there", dataJson: "{}" }), copy);
      const { code, err } = await migrate("--data", copy);
      expect([code, err]).toEqual([1, expect.stringMatching(/entry 121 differs; begin anew/)]);
    });

    test("keys of somebody else in the cluster are not taken away", async () => {
      await fillLog(data, ENTRIES, 7);
      const { kv } = await createEngine(setup.config);
      await kv.start();
      await kv.set("precious", "v");
      const { code, err } = await migrate();
      expect([code, err]).toEqual([1, expect.stringMatching(/holds keys already: remove/)]);
      expect(await kv.get("precious")).toMatchObject({ value: "v" });
      await kv.close();
    });

    test("an entry that is another in the cluster is found, and no server can open that log", async () => {
      await fillLog(data, ENTRIES, 8);
      let channel = "";
      await importEntries((entries) =>
        entries.map((entry) => {
          if (entry.offset !== 50) return entry;
          channel = entry.channel;
          return { ...entry, dataJson: `${entry.dataJson} ` };
        }),
      );
      const { code, out, err } = await migrate("--json");
      expect(code).toBe(1);
      expect(err).toMatch(/stays closed to servers/);
      const result = JSON.parse(out);
      expect(result).toMatchObject({ isSame: false, state: null });
      expect(result.differences).toEqual([
        expect.stringMatching(new RegExp(`^${channel}: .*of other content$`)),
      ]);
      const { log } = await createEngine(setup.config);
      await expect(log.start()).rejects.toMatchObject({ code: "unavailable" });
    });

    test("an entry more in the cluster is found", async () => {
      await fillLog(data, ENTRIES, 9);
      await importEntries((entries) => {
        const last = entries.at(-1) as LogEntry;
        const more = { ...last, id: "more", offset: ENTRIES + 1, previousOffset: last.offset };
        return [...entries, more];
      });
      const { code, err } = await migrate();
      expect([code, err]).toEqual([1, expect.stringMatching(/goes on to offset 121/)]);
    });

    test("a state that does not follow from the log is found", async () => {
      await fillLog(data, ENTRIES, 10);
      const { DatabaseSync } = await import("node:sqlite");
      const db = new DatabaseSync(join(data, "anywire.db"));
      db.exec("DELETE FROM state WHERE sort = 'channel'");
      db.close();
      const { code, out, err } = await migrate();
      expect(code).toBe(1);
      expect(out).toMatch(/State, embedded: \d+ items/);
      expect(err).toMatch(
        /the state: \d+ items embedded, \d+ in the cluster; let `anywire rebuild/,
      );
      expect((await setup.run("rebuild", "state")).code).toBe(0);
      expect((await migrate()).code).toBe(0);
    });

    test("a NATS that is full says so, and it goes on when there is room", async () => {
      await fillLog(data, ENTRIES, 11);
      await importEntries((entries) => entries.slice(0, 5));
      const { streams } = await jetstreamManager(setup.nats);
      await streams.update(`${setup.name}-log`, { max_bytes: 8_000 });
      const full = await migrate();
      expect([full.code, full.err]).toEqual([
        1,
        expect.stringMatching(/more room; then run this command again/),
      ]);
      await streams.update(`${setup.name}-log`, { max_bytes: -1 });
      expect((await migrate()).code).toBe(0);
    });

    test("an entry too large for NATS is found before anything is copied", async () => {
      await embedded((log) =>
        log.append({ ...DRAFT, id: "large", dataJson: `"${"x".repeat(1_048_000)}"` }),
      );
      const { code, err } = await migrate();
      expect([code, err]).toEqual([1, expect.stringMatching(/1048002 bytes.*max_payload/)]);
    });

    test("a NATS that does not answer is named", async () => {
      await fillLog(data, ENTRIES, 12);
      setup.environment["ANYWIRE_NATS_SERVERS"] = "nats://127.0.0.1:1";
      const { code, err } = await migrate();
      expect([code, err]).toEqual([1, expect.stringMatching(/no NATS server answers/)]);
    });

    test("a DynamoDB that does not answer is named", async () => {
      await fillLog(data, ENTRIES, 12);
      setup.environment["ANYWIRE_DYNAMODB_ENDPOINT"] = "http://127.0.0.1:1";
      const { code, err } = await migrate();
      expect([code, err]).toEqual([
        1,
        expect.stringMatching(/DynamoDB table migrate-.*ECONNREFUSED/),
      ]);
    });

    test("a source that is none, in use, empty or damaged is refused", async () => {
      const none = await migrate();
      expect([none.code, none.err]).toEqual([1, expect.stringMatching(/there is no .*anywire.db/)]);
      await embedded(async () => {
        const used = await migrate();
        expect([used.code, used.err]).toEqual([1, expect.stringMatching(/stop the server/)]);
      });
      const empty = await migrate();
      expect([empty.code, empty.err]).toEqual([1, expect.stringMatching(/has no entries: just/)]);
      await rm(data, { recursive: true });
      await fillLog(data, ENTRIES, 13);
      await writeFile(join(data, "anywire.db"), "this is no database, whatever its name says");
      const damaged = await migrate();
      expect([damaged.code, damaged.err]).toEqual([1, expect.stringMatching(/not a database/)]);
    });

    test("there is no other engine to go to", async () => {
      const { code, err } = await setup.run("migrate", "--to", "memory");
      expect([code, err]).toEqual([2, expect.stringMatching(/Allowed choices are cluster/)]);
    });
  });
});
