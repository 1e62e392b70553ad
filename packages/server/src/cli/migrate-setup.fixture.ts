import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createSqliteEngine, createSqliteKeyValue } from "@anywire/engines/sqlite";
import { DeleteTableCommand, DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { jetstreamManager } from "@nats-io/jetstream";
import { connect, type NatsConnection } from "@nats-io/transport-node";
import { randomDrafts } from "../../../engines/src/dynamodb/state-history.fixture.ts";
import { type Config, configSchema } from "../config/config.ts";
import { startCli } from "./start-cli.fixture.ts";

/** What a command came to. */
export interface RanCommand {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** A data directory, and a cluster on real servers that is named in the environment. */
export interface MigrationSetup {
  readonly directory: string;
  readonly name: string;
  readonly environment: Record<string, string>;
  readonly config: Config;
  readonly nats: NatsConnection;
  /** Runs `anywire` in the directory. */
  run(...args: string[]): Promise<RanCommand>;
  dispose(): Promise<void>;
}

const credentials = { accessKeyId: "local", secretAccessKey: "local" };

/** Makes a setup for one test. The configuration's engine is the embedded one. */
export async function migrationSetup(nats: string, dynamodb: string): Promise<MigrationSetup> {
  const directory = await mkdtemp(join(tmpdir(), "anywire-migrate-"));
  const name = `migrate-${crypto.randomUUID().slice(0, 8)}`;
  const environment = {
    ANYWIRE_DATA_DIRECTORY: join(directory, "data"),
    ANYWIRE_NATS_SERVERS: nats,
    ANYWIRE_NATS_PREFIX: name,
    ANYWIRE_DYNAMODB_ENDPOINT: dynamodb,
    ANYWIRE_DYNAMODB_TABLE: name,
    ANYWIRE_DYNAMODB_REGION: "local",
    ANYWIRE_DYNAMODB_ACCESS_KEY_ID: credentials.accessKeyId,
    ANYWIRE_DYNAMODB_SECRET_ACCESS_KEY: credentials.secretAccessKey,
  };
  const connection = await connect({ servers: nats });
  return {
    directory,
    name,
    environment,
    config: configSchema.parse({
      engine: "cluster",
      data: { directory: join(directory, "data") },
      nats: { servers: [nats], prefix: name },
      dynamodb: { endpoint: dynamodb, table: name, region: "local", ...credentials },
    }),
    nats: connection,
    run: async (...args) => {
      const started = startCli(args, { directory, environment });
      const code = await started.exitCode;
      return { code, out: started.out.join("\n"), err: started.err.join("\n") };
    },
    dispose: async () => {
      const { streams } = await jetstreamManager(connection);
      for await (const stream of streams.names()) {
        if (stream.includes(name)) await streams.delete(stream);
      }
      await connection.close();
      const client = new DynamoDBClient({
        endpoint: dynamodb,
        region: "local",
        // The client writes into it.
        credentials: { ...credentials },
      });
      await client.send(new DeleteTableCommand({ TableName: name })).catch(() => {});
      client.destroy();
      await rm(directory, { recursive: true });
    },
  };
}

/** Stores random histories of two platforms, until there are so many entries. */
export async function fillLog(directory: string, entries: number, seed: number): Promise<void> {
  const { log, state } = createSqliteEngine({ directory, synchronous: "off" });
  await log.start();
  await state.start();
  const production = randomDrafts(4 * entries, seed);
  const staging = randomDrafts(4 * entries, seed + 1).map((draft) => ({
    ...draft,
    client: "device-1",
    trace: { id: draft.id, via: ["echo"] },
    channel: draft.channel.replace("production", "staging"),
    dataJson: draft.dataJson.replaceAll("production", "staging"),
  }));
  const drafts = production.flatMap((draft, i) => [draft, ...staging.slice(i, i + 1)]);
  for (let missing = entries; missing > 0; missing = entries - (await log.head(">"))) {
    // What the state refuses is not stored.
    const appending = drafts.splice(0, Math.min(500, missing)).map((draft) => log.append(draft));
    await Promise.allSettled(appending);
  }
  await state.close();
  await log.close();
}

/** Keeps keys, of which one in ten has an end. */
export async function fillKeys(directory: string, keys: number): Promise<void> {
  const kv = createSqliteKeyValue({ directory, synchronous: "off" });
  await kv.start();
  await Promise.all(
    Array.from({ length: keys }, (_, i) =>
      kv.set(`key ${i} ü`, `value ${i}`, i % 10 === 0 ? { ttlMs: 3_600_000 } : {}),
    ),
  );
  await kv.close();
}
