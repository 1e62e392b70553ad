import type { Command } from "commander";
import type { Terminal } from "../terminal.ts";
import { addDeadLetterCommands } from "./dead-letter-commands.ts";
import { addDeployCommands } from "./deploy-commands.ts";
import { addLogsCommand } from "./logs-command.ts";
import { addManageCommands } from "./manage-commands.ts";
import { addNewCommand } from "./new-command.ts";
import { addRunCommand } from "./run-command.ts";

const EPILOGUE = `
Functions are files in a directory (functions.directory). \`anywire dev\` runs them as they are saved; a server for
production runs what was deployed.

Examples:
  $ anywire functions new sms-length --trigger beforePublish --pattern "*.sms.*"
  $ anywire functions run sms-length --event '{"message":{"text":"Hello"}}'
  $ anywire functions deploy --note "Shorter texts"
  $ anywire functions logs --since 10m --level warn
  $ anywire functions rollback
`;

/** `anywire functions`: what runs when something happens on a channel. */
export function addFunctionsCommands(program: Command, terminal: Terminal): void {
  const functions = program
    .command("functions")
    .description("write, try, deploy and watch functions")
    .addHelpText("after", EPILOGUE);
  addNewCommand(functions, terminal);
  addManageCommands(functions, terminal);
  addDeadLetterCommands(functions, terminal);
  addRunCommand(functions, terminal);
  addLogsCommand(functions, terminal);
  addDeployCommands(functions, terminal);
}
