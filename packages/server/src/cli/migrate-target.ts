import type { KeyValueStore, Log, StateStore } from "@anywire/core";
import type { NatsLink, NatsLogImport } from "@anywire/engines/nats";
import type { SqliteSource } from "@anywire/engines/sqlite";
import { dynamodbOptions, linkOptions } from "../cluster-engine.ts";
import type { Config } from "../config/config.ts";
import { CliError } from "./cli-error.ts";

/** Room for what is stored of an entry beside its data, bytes. */
const HEADER_BYTES = 8_192;

/** A cluster whose log is being filled; no server can open it. */
export interface MigrationTarget {
  readonly importing: NatsLogImport;
  readonly log: Log;
  readonly state: StateStore;
  readonly kv: KeyValueStore;
  close(): Promise<void>;
}

/**
 * Opens the cluster that the configuration names, whatever its engine is, and makes sure that what it holds is a part of the
 * source and nothing else.
 * @throws {CliError} when it holds something else, and `AnywireError` what the drivers throw
 */
export async function openTarget(source: SqliteSource, config: Config): Promise<MigrationTarget> {
  const drivers = await createDrivers(source, config);
  const { importing, log, state, kv } = drivers;
  const opened: { close(): Promise<void> }[] = [];
  const close = async (): Promise<void> => {
    for (const driver of opened.splice(0).reverse()) await driver.close();
  };
  const open = async (driver: { start(): Promise<void>; close(): Promise<void> }) => {
    await driver.start();
    opened.push(driver);
  };
  try {
    await open(importing);
    await assertLength(source, importing, config);
    assertSize(source, drivers.link);
    await open(log);
    await assertSameLog(source, importing, log, config);
    await open(state);
    await assertState(source, state, config);
    await open(kv);
    await assertKeys(importing, kv, config);
    return { importing, log, state, kv, close };
  } catch (error) {
    await close();
    throw error;
  }
}

interface Drivers extends Omit<MigrationTarget, "close"> {
  readonly link: NatsLink;
}

async function createDrivers({ epoch }: SqliteSource, config: Config): Promise<Drivers> {
  const nats = await import("@anywire/engines/nats");
  const { createDynamodbState } = await import("@anywire/engines/dynamodb");
  const { replicas } = config.nats;
  const link = nats.createNatsLink(linkOptions(config.nats));
  const { log, state } = createDynamodbState({
    ...dynamodbOptions(config.dynamodb),
    log: nats.createNatsLog(link, { replicas, importedEpoch: epoch }),
    bus: nats.createNatsChangeBus(link),
  });
  const importing = nats.createNatsLogImport(link, { epoch, replicas });
  return { link, importing, log, state, kv: nats.createNatsKeyValue(link, { replicas }) };
}

async function assertLength(
  { entries }: SqliteSource,
  importing: NatsLogImport,
  config: Config,
): Promise<void> {
  const position = await importing.position();
  if (position > entries) {
    throw new CliError(
      `the cluster's log goes on to offset ${position} and this one ends at ${entries}, so servers use it already: ${orElse(config)}`,
    );
  }
  if (importing.isFinished && position < entries) {
    throw new CliError(
      `this log was migrated up to offset ${position}, and has been written on to ${entries} since: ${orElse(config)}`,
    );
  }
}

function orElse({ nats, dynamodb }: Config): string {
  return `go on with engine cluster, or ${toBeginAnew(nats.prefix, dynamodb.table)}`;
}

function toBeginAnew(prefix: string, table: string): string {
  return `begin anew: name another nats.prefix and dynamodb.table, or remove the streams of ${prefix} and the table ${table}`;
}

/** What NATS will never take is better found out now than halfway. */
function assertSize({ largestBytes }: SqliteSource, { connection }: NatsLink): void {
  const maxBytes = connection.info?.max_payload ?? Number.POSITIVE_INFINITY;
  if (largestBytes + HEADER_BYTES <= maxBytes) return;
  throw new CliError(
    `the largest entry has ${largestBytes} bytes and NATS takes ${maxBytes}: set max_payload of its servers to ${largestBytes + HEADER_BYTES} or more`,
  );
}

/** The epoch is copied with a directory, and two copies may have been written on. */
async function assertSameLog(
  source: SqliteSource,
  importing: NatsLogImport,
  log: Pick<Log, "read">,
  { nats, dynamodb }: Config,
): Promise<void> {
  const offset = await importing.position();
  if (offset === 0) return;
  const range = { pattern: ">", after: offset - 1, before: offset + 1 } as const;
  const query = { ...range, limit: 1, order: "asc" } as const;
  const pages = await Promise.all([source.log.read(query), log.read(query)]);
  const [entry, copy] = pages.map(({ entries }) => entries[0]);
  const isSame =
    entry?.channel === copy?.channel &&
    entry?.id === copy?.id &&
    entry?.timetoken === copy?.timetoken;
  if (isSame) return;
  throw new CliError(
    `the cluster's log is another one, though both began as the same: entry ${offset} differs; ${toBeginAnew(nats.prefix, dynamodb.table)}`,
  );
}

async function assertState(
  { entries }: SqliteSource,
  state: StateStore,
  { dynamodb: { table } }: Config,
): Promise<void> {
  const position = await state.position();
  if (position <= entries) return;
  throw new CliError(
    `the table ${table} is at offset ${position} and this log ends at ${entries}: delete the table, or name another`,
  );
}

/** Keys that were not copied from this log must not be taken away. */
async function assertKeys(
  importing: NatsLogImport,
  kv: KeyValueStore,
  { nats: { prefix } }: Config,
): Promise<void> {
  if ((await importing.position()) > 0) return;
  if ((await kv.list({ prefix: "", limit: 1 })).items.length === 0) return;
  throw new CliError(
    `the key-value store of the prefix ${prefix} holds keys already: remove the stream KV_${prefix}-kv, or name another prefix`,
  );
}
