import { resolve } from "node:path";
import type { RebuildProgress } from "@anywire/core";
import { AnywireError } from "@anywire/types";
import type {
  MaintenanceFindings,
  MaintenanceReply,
  MaintenanceTask,
  RebuildFindings,
  RestoredSqlite,
  SqliteBackup,
  SqliteLogCheck,
  SqliteStateCheck,
} from "./maintenance-messages.ts";
import { databaseFile, keyValueFile } from "./open-database.ts";
import { toError } from "./to-error.ts";
import { WorkerThread } from "./worker-thread.ts";

/**
 * Copies the log in a data directory, and what is kept in its key-value store, into one file: each consistent as of one
 * moment, also while servers write to it, and on disk when this resolves. The key-value store's moment is the later one.
 * @throws {AnywireError} `conflict` when the file exists, `not_found` when there is no log, and what the
 * storage says: `storage_damaged`, `storage_full`, `unavailable`, `unsupported`.
 */
export async function backupSqlite(directory: string, file: string): Promise<SqliteBackup> {
  const found = await run({ type: "backup", ...filesIn(directory), file: resolve(file) });
  if (!("keys" in found)) throw endedWithout("backup");
  return found;
}

/**
 * Puts a backup into a data directory, log and key-value store. The backup is checked first, and what came of it before it
 * replaces anything. The restored log has a new epoch, since positions behind the backup are void. With `force`, what is
 * there is replaced; the key-value store by an empty one when the backup has none.
 * @throws {AnywireError} `conflict` when a log or a key-value store is there, `unavailable` when a server has it open,
 * `not_found` when there is no backup, `storage_damaged` when the backup is damaged, `storage_full`.
 */
export async function restoreSqlite(
  file: string,
  directory: string,
  { force = false }: { readonly force?: boolean } = {},
): Promise<RestoredSqlite> {
  const found = await run({ type: "restore", file: resolve(file), ...filesIn(directory), force });
  if (!("restoredKeys" in found)) throw endedWithout("restore");
  return found;
}

/**
 * Looks through the whole log in a data directory without changing anything; servers may go on using it.
 * @throws {AnywireError} `not_found` when there is no log, `storage_damaged` when it cannot even be
 * opened, `unsupported` when a newer Anywire wrote it, `unavailable`.
 */
export async function checkSqliteLog(directory: string): Promise<SqliteLogCheck> {
  const found = await run({ type: "check", database: databaseFile(resolve(directory)) });
  if (!("problems" in found)) throw endedWithout("check");
  return found;
}

/**
 * Looks how far the state in a data directory has come, without changing anything; servers may go on using it. It compares
 * channels with their newest messages; `rebuildSqliteState` with `verify` compares everything.
 * @throws {AnywireError} `not_found` when there is no log, and what the storage says.
 */
export async function checkSqliteState(directory: string): Promise<SqliteStateCheck> {
  const found = await run({ type: "checkState", database: databaseFile(resolve(directory)) });
  if (!("head" in found)) throw endedWithout("check");
  return found;
}

/** How to make a state again. */
export interface RebuildOptions {
  /** Told a few times a second how far it has come. */
  readonly onProgress?: (progress: RebuildProgress) => void;
  /** Only compares what it makes with what is there, and leaves that. Default false. */
  readonly verify?: boolean;
}

/** What a rebuild came to. */
export type RebuiltState = RebuildFindings;

/**
 * Makes the state in a data directory again from its log, beside the present one, and puts it in its place. Servers
 * may go on using it.
 * @throws {AnywireError} `not_found` when there is no log, and what the storage says.
 */
export async function rebuildSqliteState(
  directory: string,
  { onProgress, verify = false }: RebuildOptions = {},
): Promise<RebuiltState> {
  const database = databaseFile(resolve(directory));
  const task = { type: "rebuild", database, verify, busyTimeoutMs: 30_000 } as const;
  const found = await run(task, onProgress);
  if (!("progress" in found)) throw endedWithout("rebuild");
  return found;
}

function filesIn(name: string): { readonly database: string; readonly keyValues: string } {
  const directory = resolve(name);
  return { database: databaseFile(directory), keyValues: keyValueFile(directory) };
}

function endedWithout(what: string): AnywireError {
  return new AnywireError("internal", `the ${what} ended without a result`);
}

function run(
  task: MaintenanceTask,
  onProgress?: (progress: RebuildProgress) => void,
): Promise<MaintenanceFindings> {
  return new Promise((resolveRun, reject) => {
    new WorkerThread<never, MaintenanceReply>("maintenance-worker", task, {
      onReply: (reply) => {
        if (reply.type === "progress") onProgress?.(reply.progress);
        else if (reply.type === "done") resolveRun(reply.found);
        else reject(toError(reply.failure));
      },
      // It also ends after its answer, and then this changes nothing.
      onDeath: reject,
    });
  });
}
