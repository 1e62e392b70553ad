import type { OperatorOptions } from "./operator-client.ts";

/** The levels of what functions log, the least important first. */
export const LOG_LEVELS = ["debug", "info", "warn", "error"] as const;

/** What to print of the functions' log. */
export interface LogsOptions extends OperatorOptions {
  readonly platform?: string;
  readonly function?: string;
  readonly level: (typeof LOG_LEVELS)[number];
  /** How old the first line may be, ms. Default: what is said from now on. */
  readonly since?: number;
  readonly limit?: number;
}
