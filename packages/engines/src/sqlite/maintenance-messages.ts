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

/** What the maintenance thread is started with. */
export type MaintenanceTask =
  | { readonly type: "check"; readonly database: string }
  | { readonly type: "backup"; readonly database: string; readonly file: string }
  | {
      readonly type: "restore";
      readonly file: string;
      readonly database: string;
      readonly force: boolean;
    };

/** Its one answer. */
export type MaintenanceReply =
  | { readonly isDone: true; readonly found: SqliteLogCheck | null }
  | { readonly isDone: false; readonly failure: Failure };
