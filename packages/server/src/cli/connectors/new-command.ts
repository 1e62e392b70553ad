import { mkdir, writeFile } from "node:fs/promises";
import { join, relative, resolve } from "node:path";
import { type Command, InvalidArgumentError } from "commander";
import { CliError } from "../cli-error.ts";
import type { GlobalOptions } from "../command-config.ts";
import type { Terminal } from "../terminal.ts";
import { connectorStarter, type StarterFile } from "./connector-starter.ts";

const EPILOGUE = `
Writes a connector that works: it sends over HTTP, takes signed webhooks, and has a simulator of its network, fixtures, and
a test, which \`node --test\` runs. Change it, and the network that it speaks to, and keep the rules.

Example:
  $ anywire connector new myspace
`;

interface NewOptions extends GlobalOptions {
  readonly dir: string;
}

/** `anywire connector new`: writes a connector to begin with. */
export function addNewCommand(connector: Command, terminal: Terminal): void {
  connector
    .command("new")
    .description("write a connector to begin with: its simulator, fixtures and test, too")
    .argument("<name>", "its id: small letters, digits and -", readName)
    .option("--dir <directory>", "where to write it", "connectors")
    .addHelpText("after", EPILOGUE)
    .action((name: string, _options: unknown, command: Command) =>
      writeConnector(name, command, terminal),
    );
}

async function writeConnector(name: string, command: Command, terminal: Terminal): Promise<void> {
  const { dir, json } = command.optsWithGlobals<NewOptions>();
  await assertFree(name);
  const directory = resolve(terminal.directory, dir);
  await mkdir(directory, { recursive: true });
  const written: string[] = [];
  for (const file of connectorStarter(name)) written.push(await writeNew(directory, file));
  const files = written.map((path) => relative(terminal.directory, path));
  const { out, err } = terminal;
  if (json === true) return out.line(JSON.stringify({ files }));
  for (const file of files) out.line(`${out.paint("green", "✓")} ${file}`);
  err.line(`Try it with \`anywire connector test ${files[0]}\`; use it by connectors.modules.`);
}

/** @throws {CliError} when the name means something already. */
async function assertFree(name: string): Promise<void> {
  const { loadConnectors } = await import("../../connectors/load-connectors.ts");
  const { registry, channelTypes } = await loadConnectors([]);
  if (registry.get(name) !== undefined || channelTypes.get(name) !== undefined) {
    throw new CliError(`${name} is a connector or a type of channel already: choose another name`);
  }
}

/** @throws {CliError} when the file is there already. */
async function writeNew(directory: string, { name, text }: StarterFile): Promise<string> {
  const path = join(directory, name);
  try {
    await writeFile(path, text, { flag: "wx" });
    return path;
  } catch (error) {
    const isThere = error instanceof Error && "code" in error && error.code === "EEXIST";
    throw isThere ? new CliError(`${path} is there already: choose another name`) : error;
  }
}

function readName(text: string): string {
  if (/^[a-z][a-z0-9-]{0,31}$/.test(text)) return text;
  throw new InvalidArgumentError("Write a small letter, then up to 31 small letters, digits or -.");
}
