import { inspect } from "node:util";
import type { Command } from "commander";
import type { LoadedConfig } from "../config/load-config.ts";
import { type GlobalOptions, loadCommandConfig } from "./command-config.ts";
import type { Output, Terminal } from "./terminal.ts";

const EPILOGUE = `
Examples:
  $ anywire config check
  $ ANYWIRE_HTTP_PORT=8080 anywire config print
  $ anywire config docs > config.md
`;

/** `anywire config`: what is configured, whether it is right, and what there is to configure. */
export function addConfigCommands(program: Command, terminal: Terminal): void {
  const config = program
    .command("config")
    .description("check, print or document the configuration")
    .addHelpText("after", EPILOGUE);
  config
    .command("check")
    .description("tell every problem of the configuration")
    .action((_options: unknown, command: Command) => checkConfig(command, terminal));
  config
    .command("print")
    .description("print what holds and where it comes from; secrets as ***")
    .action((_options: unknown, command: Command) => printConfig(command, terminal));
  config
    .command("docs")
    .description("print the reference of the configuration as Markdown")
    .action((_options: unknown, command: Command) => printDocs(command, terminal));
}

async function checkConfig(command: Command, terminal: Terminal): Promise<void> {
  const { file } = await loadCommandConfig(command, terminal);
  const { json } = command.optsWithGlobals<GlobalOptions>();
  const { out } = terminal;
  if (json === true) return out.line(JSON.stringify({ ok: true, file: file ?? null }));
  const where = file ?? "no configuration file, environment and flags only";
  out.line(`${out.paint("green", "✓")} The configuration is good (${where}).`);
}

async function printConfig(command: Command, terminal: Terminal): Promise<void> {
  const loaded = await loadCommandConfig(command, terminal);
  const { json } = command.optsWithGlobals<GlobalOptions>();
  const { out } = terminal;
  if (json === true) return out.line(JSON.stringify(loaded.config, null, 2));
  for (const row of await configRows(loaded, out)) out.line(row);
}

async function configRows({ config, origins }: LoadedConfig, out: Output): Promise<string[]> {
  const { configFields } = await import("../config/config-fields.ts");
  return configFields().map(({ name }) => {
    const origin = out.paint("dim", `# ${origins.get(name) ?? "default"}`);
    const value = valueAt(config, name);
    return `${name} = ${value === undefined ? "(not set)" : inspect(value)}  ${origin}`;
  });
}

function valueAt(config: object, name: string): unknown {
  let value: unknown = config;
  for (const key of name.split(".")) value = Object(value)[key];
  return value;
}

async function printDocs(command: Command, { out }: Terminal): Promise<void> {
  const { json } = command.optsWithGlobals<GlobalOptions>();
  if (json === true) {
    const { configSections } = await import("../config/config-fields.ts");
    return out.line(JSON.stringify({ sections: configSections() }, null, 2));
  }
  const { formatConfigDocs } = await import("../config/config-docs.ts");
  out.line(formatConfigDocs().trimEnd());
}
