export type { ConsumerSnapshot, GivenUp, ParkedChannel } from "../shared/consumer-store.ts";
export type { KeyValueSource, SourceKeyValue } from "./key-value-source.ts";
export type {
  RebuildFindings,
  RestoredSqlite,
  SqliteBackup,
  SqliteLogCheck,
  SqliteStateCheck,
} from "./maintenance-messages.ts";
export type { SqliteKeyValueOptions } from "./sqlite-key-value.ts";
export { createSqliteKeyValue } from "./sqlite-key-value.ts";
export type { SqliteEngine, SqliteLogOptions } from "./sqlite-log.ts";
export { createSqliteEngine, createSqliteLog } from "./sqlite-log.ts";
export type { RebuildOptions, RebuiltState } from "./sqlite-maintenance.ts";
export {
  backupSqlite,
  checkSqliteLog,
  checkSqliteState,
  rebuildSqliteState,
  restoreSqlite,
} from "./sqlite-maintenance.ts";
export type { SqliteSource } from "./sqlite-source.ts";
export { openSqliteSource } from "./sqlite-source.ts";
