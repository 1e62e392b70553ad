export type { SqliteLogOptions } from "./sqlite-log.ts";
export { createSqliteLog } from "./sqlite-log.ts";
