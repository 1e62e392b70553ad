export type { Config, ConfigInput } from "./config/config.ts";
export type { Logger } from "./logging.ts";
export { createLogger } from "./logging.ts";
export type { RunningServer, ServerOptions } from "./server.ts";
export { startServer } from "./start-server.ts";
