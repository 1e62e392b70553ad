import { resolve } from "node:path";
import { AnywireError } from "@anywire/types";
import type { MaintenanceReply, MaintenanceTask, SqliteLogCheck } from "./maintenance-messages.ts";
import { databaseFile } from "./open-database.ts";
import { toError } from "./to-error.ts";
import { WorkerThread } from "./worker-thread.ts";

/**
 * Copies the log in a data directory into one file: consistent as of one moment, also while servers write
 * to it, and on disk when this resolves.
 * @throws {AnywireError} `conflict` when the file exists, `not_found` when there is no log, and what the
 * storage says: `storage_damaged`, `storage_full`, `unavailable`, `unsupported`.
 */
export async function backupSqliteLog(directory: string, file: string): Promise<void> {
  await run({ type: "backup", database: databaseFile(resolve(directory)), file: resolve(file) });
}

/**
 * Puts a backup into a data directory. The backup is checked first; the restored log has a new epoch,
 * since positions behind the backup are void. With `force`, it replaces the log that is there.
 * @throws {AnywireError} `conflict` when a log is there, `unavailable` when a server has it open,
 * `not_found` when there is no backup, `storage_damaged` when the backup is damaged, `storage_full`.
 */
export async function restoreSqliteLog(
  file: string,
  directory: string,
  options: { readonly force?: boolean } = {},
): Promise<void> {
  const database = databaseFile(resolve(directory));
  await run({ type: "restore", file: resolve(file), database, force: options.force ?? false });
}

/**
 * Looks through the whole log in a data directory without changing anything; servers may go on using it.
 * @throws {AnywireError} `not_found` when there is no log, `storage_damaged` when it cannot even be
 * opened, `unsupported` when a newer Anywire wrote it, `unavailable`.
 */
export async function checkSqliteLog(directory: string): Promise<SqliteLogCheck> {
  const found = await run({ type: "check", database: databaseFile(resolve(directory)) });
  if (found === null) throw new AnywireError("internal", "the check ended without a result");
  return found;
}

function run(task: MaintenanceTask): Promise<SqliteLogCheck | null> {
  return new Promise((resolveRun, reject) => {
    new WorkerThread<never, MaintenanceReply>("maintenance-worker", task, {
      onReply: (reply) => {
        if (reply.isDone) resolveRun(reply.found);
        else reject(toError(reply.failure));
      },
      // It also ends after its answer, and then this changes nothing.
      onDeath: reject,
    });
  });
}
