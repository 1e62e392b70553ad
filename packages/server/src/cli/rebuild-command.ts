import { resolve } from "node:path";
import type { RebuildProgress } from "@anywire/core";
import type { RebuiltState } from "@anywire/engines/sqlite";
import type { Command } from "commander";
import type { Config } from "../config/config.ts";
import { CliError, usageError } from "./cli-error.ts";
import { type GlobalOptions, loadCommandConfig } from "./command-config.ts";
import type { Terminal } from "./terminal.ts";

const EPILOGUE = `
The state is what follows from the log: channels, participants, read marks, accounts, contacts. It is made beside the
present one and put in its place when it has come as far; servers may run meanwhile. With --verify it is only compared;
with engine cluster that takes the memory for it, and a moment in which nobody writes.

Examples:
  $ anywire rebuild state
  $ anywire rebuild state --verify --data /var/lib/anywire
`;

interface RebuildFlags {
  readonly verify?: true;
}

/** `anywire rebuild state`: the state once more from the log. */
export function addRebuildCommand(program: Command, terminal: Terminal): void {
  program
    .command("rebuild")
    .description("make what follows from the log again")
    .command("state")
    .description(
      "make channels, participants, read marks, accounts and contacts again from the log",
    )
    .option("--verify", "compare it with what is there, byte for byte, and change nothing")
    .addHelpText("after", EPILOGUE)
    .action((_options: unknown, command: Command) => rebuild(command, terminal));
}

async function rebuild(command: Command, terminal: Terminal): Promise<void> {
  const { verify = false, json } = command.optsWithGlobals<GlobalOptions & RebuildFlags>();
  const { config } = await loadCommandConfig(command, terminal);
  if (config.engine === "memory") {
    throw usageError("the engine is memory, which keeps no log");
  }
  const startedAt = performance.now();
  const onProgress = (progress: RebuildProgress): void => {
    if (json !== true) terminal.err.line(progressLine(progress, performance.now() - startedAt));
  };
  const rebuilt = await rebuildState(config, terminal, { verify, onProgress });
  const seconds = (performance.now() - startedAt) / 1000;
  if (json === true) terminal.out.line(JSON.stringify(resultOf(rebuilt, seconds)));
  else terminal.out.line(sentence(rebuilt, seconds));
  if (rebuilt.isSame === false) {
    throw new CliError("the state is not what follows from the log; run it without --verify");
  }
}

async function rebuildState(
  config: Config,
  { directory }: Terminal,
  options: { readonly verify: boolean; readonly onProgress: (progress: RebuildProgress) => void },
): Promise<RebuiltState> {
  if (config.engine === "cluster") {
    const { rebuildClusterState } = await import("./rebuild-cluster-state.ts");
    return rebuildClusterState(config, options);
  }
  const { rebuildSqliteState } = await import("@anywire/engines/sqlite");
  return rebuildSqliteState(resolve(directory, config.data.directory), options);
}

function progressLine({ entries, offset, head }: RebuildProgress, elapsedMs: number): string {
  const percent = head === 0 ? 100 : Math.floor((offset / head) * 100);
  return `${percent} %  ${entries} of about ${head} entries, ${rateOf(entries, elapsedMs / 1000)} a second`;
}

function sentence({ progress, items, isSame, digest }: RebuiltState, seconds: number): string {
  const { entries } = progress;
  const done = `${entries} entries, ${items} items, ${seconds.toFixed(1)} s, ${rateOf(entries, seconds)} entries a second.`;
  if (isSame === null) return `The state is made again: ${done}`;
  const verdict = isSame
    ? "The state is what follows from the log"
    : "The state differs from the log";
  return `${verdict}: ${done}\nSHA-256 of what follows: ${digest}`;
}

function resultOf({ progress, items, isSame, digest }: RebuiltState, seconds: number): object {
  const { entries } = progress;
  const verified = isSame === null ? {} : { isSame, digest };
  return { entries, items, seconds, entriesPerSecond: rateOf(entries, seconds), ...verified };
}

function rateOf(entries: number, seconds: number): number {
  return Math.round(entries / Math.max(seconds, 0.001));
}
