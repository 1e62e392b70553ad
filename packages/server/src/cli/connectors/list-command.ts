import { resolve } from "node:path";
import type { Command } from "commander";
import { formatColumns } from "../columns.ts";
import { type GlobalOptions, loadCommandConfig, orUsageError } from "../command-config.ts";
import type { Terminal } from "../terminal.ts";

/** `anywire connector list`: tells which connectors a server with this configuration has. */
export function addListCommand(connector: Command, terminal: Terminal): void {
  connector
    .command("list")
    .description("tell which connectors there are: built in, and in connectors.modules")
    .action((_options: unknown, command: Command) => list(command, terminal));
}

async function list(command: Command, terminal: Terminal): Promise<void> {
  const { json } = command.optsWithGlobals<GlobalOptions>();
  const { config } = await loadCommandConfig(command, terminal);
  const { loadConnectors } = await import("../../connectors/load-connectors.ts");
  const modules = config.connectors.modules.map((path) => resolve(terminal.directory, path));
  const { registry } = await orUsageError(loadConnectors(modules));
  const connectors = registry.list().map((connector) => ({
    id: connector.id,
    version: connector.version,
    displayName: connector.displayName,
    network: connector.network,
    addressKinds: connector.addressKinds,
    hasSimulator: connector.simulator !== undefined,
  }));
  const { out } = terminal;
  if (json === true) return out.line(JSON.stringify({ connectors }));
  const rows = connectors.map(
    ({ id, version, displayName, network, addressKinds, hasSimulator }) => [
      { text: id, style: "bold" } as const,
      displayName,
      version,
      network,
      addressKinds.join(", "),
      hasSimulator ? "yes" : "no",
    ],
  );
  const head = ["ID", "NAME", "VERSION", "NETWORK", "ADDRESSES", "SIMULATOR"];
  for (const line of formatColumns(head, rows, out)) out.line(line);
}
