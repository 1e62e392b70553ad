export type { SqliteLogCheck } from "./maintenance-messages.ts";
export type { SqliteLogOptions } from "./sqlite-log.ts";
export { createSqliteLog } from "./sqlite-log.ts";
export { backupSqliteLog, checkSqliteLog, restoreSqliteLog } from "./sqlite-maintenance.ts";
