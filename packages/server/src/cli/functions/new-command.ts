import { mkdir, writeFile } from "node:fs/promises";
import { join, relative, resolve } from "node:path";
import type { Trigger } from "@anywire/functions";
import { type Command, InvalidArgumentError, Option } from "commander";
import { CliError } from "../cli-error.ts";
import { type GlobalOptions, loadCommandConfig, orUsageError } from "../command-config.ts";
import type { Terminal } from "../terminal.ts";
import { FUNCTION_STARTERS, starterTest } from "./function-starters.ts";

const EPILOGUE = `
Writes a function that does something small, and a test of it, which \`node --test\` runs.

Examples:
  $ anywire functions new sms-length --trigger beforePublish --pattern "*.sms.*"
  $ anywire functions new tickets --trigger onRequest --pattern "POST /tickets/:id"
  $ anywire functions new digest --trigger onCron --pattern "0 9 * * 1-5"
`;

interface NewOptions extends GlobalOptions {
  readonly trigger: Trigger;
  readonly pattern?: string;
}

/** `anywire functions new`: writes a function to begin with. */
export function addNewCommand(functions: Command, terminal: Terminal): void {
  functions
    .command("new")
    .description("write a function to begin with, and its test")
    .argument("<name>", "its name: that of its file", readName)
    .addOption(
      new Option("--trigger <trigger>", "what makes it run")
        .choices(Object.keys(FUNCTION_STARTERS))
        .default("beforePublish"),
    )
    .option(
      "--pattern <pattern>",
      "the channels, the method and path, the interval or the times that it is bound to",
    )
    .addHelpText("after", EPILOGUE)
    .action((name: string, _options: unknown, command: Command) =>
      writeFunction(name, command, terminal),
    );
}

async function writeFunction(name: string, command: Command, terminal: Terminal): Promise<void> {
  const { trigger, pattern, json } = command.optsWithGlobals<NewOptions>();
  const { config } = await loadCommandConfig(command, terminal);
  const starter = FUNCTION_STARTERS[trigger];
  const binding = pattern ?? starter.binding;
  await orUsageError(assertBinding(trigger, binding));
  const directory = resolve(terminal.directory, config.functions.directory);
  const files = [
    {
      path: join(directory, `${name}.ts`),
      text: starter.code(JSON.stringify(binding)),
    },
    { path: join(directory, `${name}.test.ts`), text: starterTest(name, starter) },
  ];
  await mkdir(directory, { recursive: true });
  for (const { path, text } of files) await writeNew(path, text);
  const { out } = terminal;
  const written = files.map(({ path }) => relative(terminal.directory, path));
  if (json === true) return out.line(JSON.stringify({ files: written }));
  for (const file of written) out.line(`${out.paint("green", "✓")} ${file}`);
}

/** @throws {AnywireError} `bad_request` when no function of that trigger can be bound to it. */
async function assertBinding(trigger: Trigger, binding: string): Promise<void> {
  const { checkBinding } = await import("@anywire/functions/runtime");
  checkBinding(trigger, binding);
}

/** @throws {CliError} when the file is there already. */
async function writeNew(path: string, text: string): Promise<void> {
  try {
    await writeFile(path, text, { flag: "wx" });
  } catch (error) {
    const isThere = error instanceof Error && "code" in error && error.code === "EEXIST";
    throw isThere ? new CliError(`${path} is there already: choose another name`) : error;
  }
}

function readName(text: string): string {
  if (/^[A-Za-z0-9-][A-Za-z0-9_-]{0,47}$/.test(text)) return text;
  throw new InvalidArgumentError(
    "Write 1 to 48 letters, digits, _ or -, and no _ at the beginning.",
  );
}
