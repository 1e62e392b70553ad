import { describe } from "vitest";
import { describeLogConsumers } from "./describe-log-consumers.ts";
import { describeLogEntries } from "./describe-log-entries.ts";
import { describeLogReads } from "./describe-log-reads.ts";
import { describeLogTails } from "./describe-log-tails.ts";
import type { LogBackend } from "./log-nodes.ts";
import { createRule, type KnownGap } from "./rule.ts";

/**
 * The contract of `Log`, as tests. A driver's test file is one call of this.
 *
 * @example
 * describeLog("memory", () => {
 *   const backend = new MemoryLogBackend();
 *   return { createNode: (options) => createMemoryLog(backend, options) };
 * });
 */
export function describeLog(
  driver: string,
  createBackend: () => LogBackend | Promise<LogBackend>,
  gaps: readonly KnownGap[] = [],
): void {
  const rule = createRule(gaps);
  describe(`Log: ${driver}`, () => {
    describeLogEntries(rule, createBackend);
    describeLogTails(rule, createBackend);
    describeLogReads(rule, createBackend);
    describeLogConsumers(rule, createBackend);
  });
}
