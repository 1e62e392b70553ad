import type { Command } from "commander";
import type { Terminal } from "../terminal.ts";
import { addListCommand } from "./list-command.ts";
import { addNewCommand } from "./new-command.ts";
import { addTestCommand } from "./test-command.ts";

const EPILOGUE = `
A connector speaks to a network. Those of your own are files that connectors.modules names: a .ts or .js file that exports
one by default, or a .json file that describes a simple HTTP network.

Examples:
  $ anywire connector new myspace --dir connectors
  $ anywire connector test connectors/myspace.ts
  $ anywire connector list
`;

/** `anywire connector`: what speaks to networks. */
export function addConnectorCommands(program: Command, terminal: Terminal): void {
  const connector = program
    .command("connector")
    .description("write, try and list connectors")
    .addHelpText("after", EPILOGUE);
  addNewCommand(connector, terminal);
  addTestCommand(connector, terminal);
  addListCommand(connector, terminal);
}
