import { resolve } from "node:path";
import type { Connector } from "@anywire/connectors";
import type { ConnectorVerdict } from "@anywire/testkit/connector-rules";
import type { Command } from "commander";
import { escapeControls } from "../../escape-controls.ts";
import { CliError } from "../cli-error.ts";
import { type GlobalOptions, orUsageError } from "../command-config.ts";
import type { Output, Terminal } from "../terminal.ts";

const EPILOGUE = `
Runs every rule of the contract of connectors against it, with its own simulator: nothing outside is called. Each rule is kept
(✓), broken (✗, with what was expected and what to do), or says nothing of this connector (–).

Examples:
  $ anywire connector test ./connectors/myspace.ts
  $ anywire connector test ./connectors/gateway.json
  $ anywire connector test pigeon
`;

/** `anywire connector test`: runs the rules of the contract. */
export function addTestCommand(connector: Command, terminal: Terminal): void {
  connector
    .command("test")
    .description("check a connector against every rule of the contract")
    .argument("<connector>", "its file, or the id of a built-in one")
    .addHelpText("after", EPILOGUE)
    .action((name: string, _options: unknown, command: Command) => test(name, command, terminal));
}

async function test(name: string, command: Command, terminal: Terminal): Promise<void> {
  const { json } = command.optsWithGlobals<GlobalOptions>();
  const connector = await orUsageError(find(name, terminal));
  const { checkConnector } = await import("@anywire/testkit/connector-rules");
  const { out } = terminal;
  const counts = { kept: 0, broken: 0, skipped: 0 };
  for await (const verdict of checkConnector(connector)) {
    counts[verdict.outcome] += 1;
    if (json === true) out.line(JSON.stringify(verdict));
    else for (const line of format(verdict, out)) out.line(line);
  }
  const { kept, broken, skipped } = counts;
  const sum = `${connector.id}: ${kept} rules kept, ${broken} broken, ${skipped} not for it`;
  if (broken > 0) throw new CliError(sum);
  terminal.err.line(`${terminal.err.paint("green", "✓")} ${sum}`);
}

async function find(name: string, terminal: Terminal): Promise<Connector> {
  const { loadConnectors, loadModule } = await import("../../connectors/load-connectors.ts");
  const { registry } = await loadConnectors([]);
  return registry.get(name) ?? (await loadModule(resolve(terminal.directory, name)));
}

function format({ rule, outcome, words = "" }: ConnectorVerdict, out: Output): string[] {
  switch (outcome) {
    case "kept":
      return [`${out.paint("green", "✓")} ${rule}`];
    case "skipped":
      return [out.paint("dim", `– ${rule} (${words})`)];
    case "broken":
      return [
        `${out.paint("red", "✗")} ${rule}`,
        ...words.split("\n").map((line) => `    ${escapeControls(line)}`),
      ];
  }
}
