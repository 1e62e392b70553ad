import { resolve } from "node:path";
import type { Command } from "commander";
import type { Config } from "../config/config.ts";
import { usageError } from "./cli-error.ts";
import { type GlobalOptions, loadCommandConfig } from "./command-config.ts";
import type { Terminal } from "./terminal.ts";

const BACKUP_EPILOGUE = `
The server may run meanwhile: the copy is whole, as of one moment. It has the log and no keys; keep keys.json safe too.
Attachments are files that never change, in the directory blobs: copy what is new of it after the log.

Examples:
  $ anywire backup /backups/monday.db
`;

const RESTORE_EPILOGUE = `
Stop the server first. With --force the log that is there is replaced, without it nothing is. The restored log has a
new epoch: clients notice that positions after the backup are void, and begin anew.

Examples:
  $ anywire restore /backups/monday.db --data /var/lib/anywire
`;

/** `anywire backup` and `anywire restore`: the log as one file. */
export function addBackupCommands(program: Command, terminal: Terminal): void {
  program
    .command("backup")
    .description("copy the log into a file, also while the server runs")
    .argument("<file>", "where to write; must not exist yet")
    .addHelpText("after", BACKUP_EPILOGUE)
    .action((file: string, _options: unknown, command: Command) => backup(file, command, terminal));
  program
    .command("restore")
    .description("put a backup into the data directory")
    .argument("<file>", "a file made by `anywire backup`")
    .option("--force", "replace the log that is there")
    .addHelpText("after", RESTORE_EPILOGUE)
    .action((file: string, _options: unknown, command: Command) =>
      restore(file, command, terminal),
    );
}

async function backup(name: string, command: Command, terminal: Terminal): Promise<void> {
  const directory = await logDirectory(command, terminal);
  const file = resolve(terminal.directory, name);
  const { backupSqliteLog } = await import("@anywire/engines/sqlite");
  await backupSqliteLog(directory, file);
  printDone(command, terminal, { file }, `The log of ${directory} is in ${file}.`);
}

async function restore(name: string, command: Command, terminal: Terminal): Promise<void> {
  const { force } = command.optsWithGlobals<{ readonly force?: true }>();
  const directory = await logDirectory(command, terminal);
  const file = resolve(terminal.directory, name);
  const { restoreSqliteLog } = await import("@anywire/engines/sqlite");
  await restoreSqliteLog(file, directory, { force: force === true });
  printDone(command, terminal, { directory }, `The log in ${directory} is that of ${file}.`);
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
