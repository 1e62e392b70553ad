import { resolve } from "node:path";
import type { Command } from "commander";
import type { Config } from "../config/config.ts";
import { usageError } from "./cli-error.ts";
import { type GlobalOptions, loadCommandConfig } from "./command-config.ts";
import type { Terminal } from "./terminal.ts";

const BACKUP_EPILOGUE = `
The server may run meanwhile: the log is copied as of one moment, and what functions remember as of a moment right after.
The copy has no keys that sign tokens, nor the one that secrets of connections are encrypted with: keep keys.json and
connections.key safe too. Attachments are files that never change, in the directory
blobs: copy what is new of it after the log.

Examples:
  $ anywire backup /backups/monday.db
`;

const RESTORE_EPILOGUE = `
Stop the server first. With --force the log that is there and what functions remember are replaced, without it nothing is.
The restored log has a new epoch: clients notice that positions after the backup are void, and begin anew. What functions
remember for a time keeps its end. A backup of an older Anywire has nothing that functions remember: they begin with nothing.

Examples:
  $ anywire restore /backups/monday.db --data /var/lib/anywire
`;

/** `anywire backup` and `anywire restore`: the log, and what functions remember, as one file. */
export function addBackupCommands(program: Command, terminal: Terminal): void {
  program
    .command("backup")
    .description("copy the log and what functions remember into a file, also while the server runs")
    .argument("<file>", "where to write; must not exist yet")
    .addHelpText("after", BACKUP_EPILOGUE)
    .action((file: string, _options: unknown, command: Command) => backup(file, command, terminal));
  program
    .command("restore")
    .description("put a backup into the data directory")
    .argument("<file>", "a file made by `anywire backup`")
    .option("--force", "replace what is there")
    .addHelpText("after", RESTORE_EPILOGUE)
    .action((file: string, _options: unknown, command: Command) =>
      restore(file, command, terminal),
    );
}

async function backup(name: string, command: Command, terminal: Terminal): Promise<void> {
  const directory = await logDirectory(command, terminal);
  const file = resolve(terminal.directory, name);
  const { backupSqlite } = await import("@anywire/engines/sqlite");
  const { keys } = await backupSqlite(directory, file);
  const sentence = `The log of ${directory} is in ${file}, and so is what functions remember (keys: ${keys}).`;
  printDone(command, terminal, { file, keys }, sentence);
}

async function restore(name: string, command: Command, terminal: Terminal): Promise<void> {
  const { force } = command.optsWithGlobals<{ readonly force?: true }>();
  const directory = await logDirectory(command, terminal);
  const file = resolve(terminal.directory, name);
  const { restoreSqlite } = await import("@anywire/engines/sqlite");
  const { restoredKeys } = await restoreSqlite(file, directory, { force: force === true });
  const remembered =
    restoredKeys === null
      ? ". An older Anywire made it, without what functions remember: they begin with nothing."
      : `, and so is what functions remember (keys: ${restoredKeys}).`;
  const sentence = `The log in ${directory} is that of ${file}${remembered}`;
  printDone(command, terminal, { directory, keys: restoredKeys }, sentence);
}

async function logDirectory(command: Command, terminal: Terminal): Promise<string> {
  const { config } = await loadCommandConfig(command, terminal);
  assertEmbedded(config);
  return resolve(terminal.directory, config.data.directory);
}

function assertEmbedded({ engine }: Config): void {
  if (engine === "embedded") return;
  throw usageError(`the engine is ${engine}; only the embedded one keeps a log on disk`);
}

function printDone(command: Command, { out }: Terminal, result: object, sentence: string): void {
  const { json } = command.optsWithGlobals<GlobalOptions>();
  out.line(json === true ? JSON.stringify(result) : sentence);
}
