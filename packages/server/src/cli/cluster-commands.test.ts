import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Projector } from "@anywire/core";
import { jetstreamManager } from "@nats-io/jetstream";
import { connect } from "@nats-io/transport-node";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { withEngine } from "../../../../scripts/engines/with-engine.ts";
import { type Config, configSchema } from "../config/config.ts";
import { closeEngine, createEngine, startEngine } from "../engine.ts";
import { readReadiness } from "../readiness.ts";
import { startCli } from "./start-cli.fixture.ts";

withEngine("nats", (nats) => {
  withEngine("dynamodb", (dynamodb) => {
    let directory: string;
    let environment: Record<string, string>;

    beforeEach(async () => {
      directory = await mkdtemp(join(tmpdir(), "anywire-cluster-"));
      const name = `cli-${crypto.randomUUID().slice(0, 8)}`;
      environment = {
        ANYWIRE_ENGINE: "cluster",
        ANYWIRE_HTTP_PORT: "0",
        ANYWIRE_DATA_DIRECTORY: directory,
        ANYWIRE_NATS_SERVERS: nats,
        ANYWIRE_NATS_PREFIX: name,
        ANYWIRE_DYNAMODB_ENDPOINT: dynamodb,
        ANYWIRE_DYNAMODB_TABLE: name,
        ANYWIRE_DYNAMODB_REGION: "local",
        ANYWIRE_DYNAMODB_ACCESS_KEY_ID: "local",
        ANYWIRE_DYNAMODB_SECRET_ACCESS_KEY: "local",
      };
      await startCli(["keys", "add"], { directory, environment }).exitCode;
    });

    afterEach(() => rm(directory, { recursive: true }));

    async function run(...args: string[]): Promise<{ code: number; out: string; err: string }> {
      const started = startCli(args, { directory, environment });
      const code = await started.exitCode;
      return { code, out: started.out.join("\n"), err: started.err.join("\n") };
    }

    function config(): Config {
      return configSchema.parse({
        engine: "cluster",
        data: { directory },
        nats: { servers: [nats], prefix: environment["ANYWIRE_NATS_PREFIX"] },
        dynamodb: {
          endpoint: dynamodb,
          table: environment["ANYWIRE_DYNAMODB_TABLE"],
          region: "local",
          accessKeyId: "local",
          secretAccessKey: "local",
        },
      });
    }

    /** Puts the first entries of the log in its place, as a power cut or an older backup does. */
    async function shortenLog(count: number): Promise<void> {
      const connection = await connect({ servers: nats });
      const { streams } = await jetstreamManager(connection);
      const name = `${environment["ANYWIRE_NATS_PREFIX"]}-log`;
      const { config } = await streams.info(name);
      const kept = await Promise.all(
        Array.from({ length: count }, (_, i) => streams.getMessage(name, { seq: i + 1 })),
      );
      await streams.delete(name);
      await streams.add(config);
      for (const message of kept) {
        if (message === null) continue;
        const { subject, data, header: headers } = message;
        await connection.request(subject, data, { headers, timeout: 5_000 });
      }
      await connection.close();
    }

    /** A channel with messages in the log, projected or not. */
    async function fill(isProjected: boolean): Promise<void> {
      const engine = await createEngine(config());
      await startEngine(engine);
      const { log, state } = engine;
      const shared = { channel: "production.group.a", sender: "account:ann" } as const;
      const opened = {
        type: "group",
        title: "A",
        avatarUrl: null,
        connection: null,
        history: "all",
        meta: {},
        participants: [{ address: "account:ann", role: "owner" }],
        isFixed: false,
      };
      const data = JSON.stringify(opened);
      await log.append({ ...shared, id: "opened", kind: "opened", dataJson: data });
      for (let i = 0; i < 20; i += 1) {
        await log.append({ ...shared, id: `m-${i}`, kind: "message", dataJson: `{"text":"${i}"}` });
      }
      if (isProjected) {
        const stop = new AbortController();
        const projected = new Projector({ log, state, onError: vi.fn() }).run(stop.signal);
        await state.get([], { atLeast: 21 });
        stop.abort();
        await projected;
      }
      await closeEngine(engine);
    }

    test("rebuild state --verify finds that the state of a cluster is what follows from its log", async () => {
      await fill(true);
      const { code, out, err } = await run("rebuild", "state", "--verify");
      expect({ code, err }).toMatchObject({ code: 0 });
      expect(out).toMatch(/^The state is what follows from the log: 21 entries, \d+ items/);
    });

    test("rebuild state makes a state that is not there", async () => {
      await fill(false);
      expect(await run("rebuild", "state", "--verify")).toMatchObject({ code: 0 });
      const rebuilt = await run("rebuild", "state", "--json");
      expect(rebuilt.code).toBe(0);
      expect(JSON.parse(rebuilt.out)).toMatchObject({ entries: 21 });
      const { out } = await run("rebuild", "state", "--verify");
      expect(out).toMatch(/^The state is what follows from the log: 21 entries/);
    });

    test("doctor looks at NATS and DynamoDB, and says how far the state is", async () => {
      await fill(true);
      const { code, out } = await run("doctor");
      expect(out).toMatch(/✓ database {2}NATS answers; prefix cli-\w+, at offset 21/);
      expect(out).toMatch(/✓ state {5}at offset 21, the log at 21, table cli-\w+/);
      expect(code).toBe(0);
    });

    test("a log that has lost its end is found by doctor, /ready and --verify, and a rebuild makes the state follow it", async () => {
      await fill(true);
      await shortenLog(15);
      const lost =
        "the state is at entry 21, which the log does not have: entries were lost, or another log was restored. " +
        "Stop all processes, run `anywire rebuild state`, and start them again";
      const sick = await run("doctor");
      expect(sick.code).toBe(1);
      expect(sick.out).toContain(`✗ state     ${lost}`);
      const verified = await run("rebuild", "state", "--verify");
      expect(verified).toMatchObject({ code: 1, err: expect.stringContaining(lost) });
      const engine = await createEngine(config());
      await startEngine(engine);
      expect(await readReadiness(engine)).toMatchObject({
        log: { ok: true },
        state: { ok: false, why: lost },
      });
      await closeEngine(engine);
      const rebuilt = await run("rebuild", "state", "--json");
      expect(rebuilt.code).toBe(0);
      expect(JSON.parse(rebuilt.out)).toMatchObject({ entries: 15 });
      expect((await run("doctor")).out).toMatch(/✓ state {5}at offset 15, the log at 15/);
      const { out } = await run("rebuild", "state", "--verify");
      expect(out).toMatch(/^The state is what follows from the log: 15 entries/);
    });

    test("doctor says which server does not answer, and what to look at", async () => {
      environment["ANYWIRE_NATS_SERVERS"] = "nats://127.0.0.1:1";
      const { code, out } = await run("doctor");
      expect(out).toMatch(
        /✗ database {2}no NATS server answers at nats:\/\/127\.0\.0\.1:1 .* nats\.servers/,
      );
      expect(code).toBe(1);
    });
  });
});
