import type { KeyValueStore, Log, LogPage } from "@anywire/core";
import type { NatsLogImport } from "@anywire/engines/nats";
import type { SqliteSource } from "@anywire/engines/sqlite";
import { AnywireError } from "@anywire/types";
import type { Config } from "../config/config.ts";
import { CliError } from "./cli-error.ts";
import { type CopiedConsumers, consumerDifferences, copyConsumers } from "./migrate-consumers.ts";
import { countLog, differencesOf, type LogCount } from "./migrate-count.ts";
import { copyKeyValues } from "./migrate-key-values.ts";
import type { OnMigrationProgress } from "./migrate-progress.ts";
import { type MigrationTarget, openTarget } from "./migrate-target.ts";
import { digestOf } from "./rebuild-cluster-state.ts";

const PAGE_ENTRIES = 2_000;
/** Characters of data in one page. */
const PAGE_LENGTH = 8_000_000;
/** What is folded into the state at a time. */
const PROJECTED = { limit: 1_000, maxLength: 4_000_000 } as const;
const PAGE_ITEMS = 1_000;

/** One thing on both sides. */
export interface Sides<T> {
  readonly embedded: T;
  readonly cluster: T;
}

/** What a migration came to. */
export interface Migrated {
  /** Entries that this run copied; those of earlier runs are not in it. */
  readonly copied: number;
  /** What was copied of durable consumers; null when an earlier run had ended, and the cluster may have gone on. */
  readonly consumers: CopiedConsumers | null;
  readonly log: Sides<LogCount>;
  /** Null when the logs differ: then nothing follows. */
  readonly state: Sides<{ readonly items: number; readonly digest: string }> | null;
  /** Keys of the key-value store that were copied; null when an earlier run had ended, and the cluster may use them. */
  readonly keys: number | null;
  /** In what the cluster is not what the embedded log is. */
  readonly differences: readonly string[];
  /** Whether servers can open the cluster's log. */
  readonly isOpen: boolean;
}

/**
 * Copies a log and its durable consumers into the cluster of the configuration and counts them anew there, makes the state and compares it, copies the
 * key-value store, and opens the log to servers when all of that is the same. What was broken off is taken up again.
 * @throws {CliError} when the cluster holds something else, and {@link AnywireError} what the drivers throw
 */
export async function migrateToCluster(
  source: SqliteSource,
  config: Config,
  onProgress: OnMigrationProgress,
): Promise<Migrated> {
  const target = await openTarget(source, config);
  try {
    return await goOnLater(fillTarget(source, target, onProgress));
  } finally {
    await target.close();
  }
}

/** Says of what fails in passing that nothing is lost. */
async function goOnLater<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    const isPassing =
      error instanceof AnywireError &&
      (error.code === "unavailable" || error.code === "storage_full");
    if (!isPassing) throw error;
    const message = `${error.message}; then run this command again: it goes on where it stopped`;
    throw new CliError(message, undefined, { cause: error });
  }
}

async function fillTarget(
  source: SqliteSource,
  target: MigrationTarget,
  onProgress: OnMigrationProgress,
): Promise<Migrated> {
  const { importing, log, kv } = target;
  const total = source.entries;
  const copied = await copyEntries(source, importing, onProgress);
  const { isFinished } = importing;
  const consumers = isFinished ? null : await copyAllConsumers(source, importing, onProgress);
  const counts = await countBoth(source.log, log, (done) => onProgress("count", done, total));
  const differences = differencesOf(counts.embedded, counts.cluster);
  if (!isFinished) differences.push(...(await consumerDifferences(source, importing)));
  const counted = { copied, consumers, log: counts, differences };
  if (differences.length > 0) return { ...counted, state: null, keys: null, isOpen: isFinished };
  await projectEntries(total, target, onProgress);
  const state = await compareStates(source, target, onProgress);
  if (state.embedded.digest !== state.cluster.digest) {
    const { embedded, cluster } = state;
    const counts = `${embedded.items} items embedded, ${cluster.items} in the cluster`;
    differences.push(`the state: ${counts}`);
  }
  const keys = isFinished ? null : await copyKeys(source, kv, onProgress, differences);
  if (differences.length === 0) await importing.finish();
  return { ...counted, state, keys, isOpen: importing.isFinished };
}

/** Copies what is not there yet; how many entries that was. */
async function copyEntries(
  source: SqliteSource,
  importing: NatsLogImport,
  onProgress: OnMigrationProgress,
): Promise<number> {
  const read = (after: number): Promise<LogPage> => {
    const page = { limit: PAGE_ENTRIES, maxLength: PAGE_LENGTH, order: "asc" } as const;
    return source.log.read({ ...page, pattern: ">", after });
  };
  const from = await importing.position();
  onProgress("copy", from, source.entries);
  for (let page = from < source.entries ? await read(from) : null; page !== null; ) {
    const { entries, hasMore } = page;
    const last = entries.at(-1)?.offset ?? 0;
    // The next page is read while this one is written.
    const reading = hasMore ? read(last) : null;
    const [next] = await Promise.all([reading, importing.write(entries)]);
    onProgress("copy", last, source.entries);
    page = next;
  }
  return (await importing.position()) - from;
}

function copyAllConsumers(
  source: SqliteSource,
  importing: NatsLogImport,
  onProgress: OnMigrationProgress,
): Promise<CopiedConsumers> {
  const total = source.consumers.length;
  return copyConsumers(source, importing, (done) => onProgress("consumers", done, total));
}

async function countBoth(
  embedded: Pick<Log, "read">,
  cluster: Pick<Log, "read">,
  onCounted: (entries: number) => void,
): Promise<Sides<LogCount>> {
  const done = { embedded: 0, cluster: 0 };
  const count = (side: keyof Sides<LogCount>, log: Pick<Log, "read">): Promise<LogCount> =>
    countLog(log, (entries) => {
      done[side] = entries;
      onCounted(Math.min(done.embedded, done.cluster));
    });
  const counts = await Promise.all([count("embedded", embedded), count("cluster", cluster)]);
  return { embedded: counts[0], cluster: counts[1] };
}

async function projectEntries(
  total: number,
  { log, state }: MigrationTarget,
  onProgress: OnMigrationProgress,
): Promise<void> {
  let position = await state.position();
  onProgress("project", position, total);
  while (position < total) {
    const query = { ...PROJECTED, pattern: ">", after: position, order: "asc" } as const;
    const { entries } = await log.read(query);
    await state.project(entries);
    position = entries.at(-1)?.offset ?? total;
    onProgress("project", position, total);
  }
  await state.get([], { atLeast: total });
}

async function compareStates(
  source: SqliteSource,
  target: MigrationTarget,
  onProgress: OnMigrationProgress,
): Promise<NonNullable<Migrated["state"]>> {
  const embedded = await digestOf((after) => source.state.dump(after, PAGE_ITEMS));
  let done = 0;
  const cluster = await digestOf(async (after) => {
    const items = await target.state.dump(after, PAGE_ITEMS);
    done += items.length;
    onProgress("compare", done, embedded.items);
    return items;
  });
  return { embedded, cluster };
}

async function copyKeys(
  source: SqliteSource,
  kv: KeyValueStore,
  onProgress: OnMigrationProgress,
  differences: string[],
): Promise<number> {
  const total = source.keyValues.count();
  const { keys, missing } = await copyKeyValues(source.keyValues, kv, (done) =>
    onProgress("keys", done, Math.max(done, total)),
  );
  if (missing > 0) differences.push(`the key-value store: ${missing} keys are not as they were`);
  return keys;
}
