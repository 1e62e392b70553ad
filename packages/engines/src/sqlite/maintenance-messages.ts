import type { RebuildProgress } from "@anywire/core";
import type { Failure } from "./storage-failure.ts";

/** What a health check found. */
export interface SqliteLogCheck {
  readonly file: string;
  readonly bytes: number;
  readonly schemaVersion: number;
  readonly epoch: string;
  readonly entries: number;
  readonly channels: number;
  /** What is wrong, one sentence each; empty when all is well. */
  readonly problems: readonly string[];
}

/** How far the state has come. */
export interface SqliteStateCheck {
  readonly items: number;
  /** Up to here the log is in the state, as far as its channels tell; `head` when all is well. */
  readonly offset: number;
  /** Offset of the log's last entry, 0 when it has none. */
  readonly head: number;
}

/** A state to make again from its log. */
export interface RebuildTask {
  readonly type: "rebuild";
  readonly database: string;
  /** Only compares what it makes with what is there. */
  readonly verify: boolean;
  readonly busyTimeoutMs: number;
}

/** What a rebuild came to. */
export interface RebuildFindings {
  readonly progress: RebuildProgress;
  /** Items of the state. */
  readonly items: number;
  /** With `verify`: whether the present state is the same byte for byte, and the SHA-256 of what was made. */
  readonly isSame: boolean | null;
  readonly digest: string | null;
}

/** A backup to make. */
export interface BackupTask {
  readonly type: "backup";
  readonly database: string;
  /** The key-value store's database, which need not be there. */
  readonly keyValues: string;
  readonly file: string;
}

/** What went into a backup. */
export interface SqliteBackup {
  /** How many keys of the key-value store. */
  readonly keys: number;
}

/** A backup to put in place. */
export interface RestoreTask {
  readonly type: "restore";
  readonly file: string;
  readonly database: string;
  readonly keyValues: string;
  /** Replaces what is there. */
  readonly force: boolean;
}

/** What came out of a backup. */
export interface RestoredSqlite {
  /** How many keys the key-value store has now; null when an older Anywire made the backup, which took none along. */
  readonly restoredKeys: number | null;
}

/** What the maintenance thread is started with. */
export type MaintenanceTask =
  | { readonly type: "check"; readonly database: string }
  | { readonly type: "checkState"; readonly database: string }
  | BackupTask
  | RestoreTask
  | RebuildTask;

/** What it found or did. */
export type MaintenanceFindings =
  | SqliteLogCheck
  | SqliteStateCheck
  | SqliteBackup
  | RestoredSqlite
  | RebuildFindings;

/** Its one answer, before which it may tell how far it has come. */
export type MaintenanceReply =
  | { readonly type: "progress"; readonly progress: RebuildProgress }
  | { readonly type: "done"; readonly found: MaintenanceFindings }
  | { readonly type: "failed"; readonly failure: Failure };
