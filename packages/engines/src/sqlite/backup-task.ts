import { closeSync, openSync, renameSync, rmSync } from "node:fs";
import { dirname } from "node:path";
import { backUpKeyValues } from "./key-value-backup.ts";
import type { BackupTask, SqliteBackup } from "./maintenance-messages.ts";
import { openExistingLog } from "./open-database.ts";
import { StorageFailure } from "./storage-failure.ts";
import { syncToDisk } from "./sync-to-disk.ts";

/** Copies a log and the key-value store beside it into one file. */
export function backUp({ database, keyValues, file }: BackupTask): SqliteBackup {
  const db = openExistingLog(database);
  try {
    reserve(file);
    const partial = `${file}.partial`;
    try {
      rmSync(partial, { force: true });
      // One read transaction: a consistent copy, while others go on writing.
      db.prepare("VACUUM INTO ?").run(partial);
      // Behind the log, in which consumers keep how far they are: what one of them has done is never done and forgotten.
      // The other way about, it may be done again, as after a crash.
      const keys = backUpKeyValues(keyValues, partial);
      syncToDisk(partial);
      renameSync(partial, file);
      syncToDisk(dirname(file));
      return { keys };
    } catch (error) {
      rmSync(partial, { force: true });
      rmSync(file, { force: true });
      throw error;
    }
  } finally {
    db.close();
  }
}

/** Takes the name with an empty file, so that nothing is overwritten and nobody else takes it. */
function reserve(file: string): void {
  try {
    closeSync(openSync(file, "wx"));
  } catch (error) {
    if ((error as { code?: string }).code !== "EEXIST") throw error;
    throw new StorageFailure("conflict", `${file} exists already: choose another name`);
  }
}
