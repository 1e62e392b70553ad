import { Command } from "commander";
import { VERSION } from "../version.ts";
import { addBackupCommands } from "./backup-commands.ts";
import { addConfigCommands } from "./config-commands.ts";
import { addConnectorCommands } from "./connectors/connector-commands.ts";
import { addDevCommand } from "./dev-command.ts";
import { addDoctorCommand } from "./doctor-command.ts";
import { addFunctionsCommands } from "./functions/functions-commands.ts";
import { addKeysCommands } from "./keys-commands.ts";
import { addMigrateCommand } from "./migrate-command.ts";
import { addPublishCommand } from "./publish-command.ts";
import { addRebuildCommand } from "./rebuild-command.ts";
import { addStartCommand } from "./start-command.ts";
import { addTailCommand } from "./tail-command.ts";
import type { Terminal } from "./terminal.ts";
import { addTokenCommand } from "./token-command.ts";

const EPILOGUE = `
Exit codes:
  0  done
  1  it failed
  2  the command line or the configuration is wrong

Examples:
  $ anywire dev
  $ anywire token --account bob
  $ anywire tail "production.>"
  $ anywire publish production.group.lobby "Hello, everyone"
`;

/** The whole command line. Nothing heavy is loaded before a command runs. */
export function createProgram(terminal: Terminal): Command {
  const program = new Command("anywire")
    .description("Self-hosted, programmable communication platform.")
    .version(VERSION, "-v, --version", "print the version")
    .helpOption("-h, --help", "show this help")
    .option("--config <file>", "configuration file (default: anywire.config.ts, if there is one)")
    .option("--data <dir>", "directory of the database and keys (default: ./.anywire)")
    .option("--port <number>", "port of the server (default: 4000)")
    .option("--json", "print results, log lines and errors as JSON")
    .option("--verbose", "show where an error came from")
    .configureHelp({ showGlobalOptions: true })
    .configureOutput({
      writeOut: (text) => terminal.out.line(text.trimEnd()),
      writeErr: (text) => terminal.err.line(text.trimEnd()),
      // Errors are thrown, and told in one place.
      outputError: () => {},
    })
    .exitOverride()
    .addHelpText("after", EPILOGUE);
  addDevCommand(program, terminal);
  addStartCommand(program, terminal);
  addTokenCommand(program, terminal);
  addTailCommand(program, terminal);
  addPublishCommand(program, terminal);
  addFunctionsCommands(program, terminal);
  addConnectorCommands(program, terminal);
  addKeysCommands(program, terminal);
  addConfigCommands(program, terminal);
  addBackupCommands(program, terminal);
  addRebuildCommand(program, terminal);
  addMigrateCommand(program, terminal);
  addDoctorCommand(program, terminal);
  return program;
}
