import type { Command } from "commander";
import type { Config } from "../config/config.ts";
import type { KeySet } from "../tokens/key-set.ts";
import { CliError, usageError } from "./cli-error.ts";
import { type GlobalOptions, loadCommandConfig, orUsageError } from "./command-config.ts";
import type { Terminal } from "./terminal.ts";

const EPILOGUE = `
To change keys without signing anyone out: \`anywire keys add\`, restart the servers, wait until the longest
token made before has run out, \`anywire keys remove\` the old key, restart the servers.

Examples:
  $ anywire keys add
  $ anywire keys list
  $ anywire keys remove QPjxrcx21U3ch-ds6AGUvZX-uJRRDJlcnO11pqWPukI
`;

/** `anywire keys`: the keys in the data directory that tokens are signed and checked with. */
export function addKeysCommands(program: Command, terminal: Terminal): void {
  const keys = program
    .command("keys")
    .description("manage the keys that tokens are signed with")
    .addHelpText("after", EPILOGUE);
  keys
    .command("add")
    .description("make a new key that signs from now on; present keys still check tokens")
    .action((_options: unknown, command: Command) => addKey(command, terminal));
  keys
    .command("list")
    .description("list the keys, the one that signs first")
    .action((_options: unknown, command: Command) => listKeys(command, terminal));
  keys
    .command("remove")
    .argument("<kid>", "the key's name, from `anywire keys list`")
    .description("remove a key: tokens it has signed are refused from then on")
    .action((kid: string, _options: unknown, command: Command) =>
      removeKey(kid, command, terminal),
    );
}

async function addKey(command: Command, terminal: Terminal): Promise<void> {
  const file = await keyFile(command, terminal);
  const { loadKeySet, saveKeySet } = await import("../tokens/key-file.ts");
  const { generateKeySet } = await import("../tokens/key-set.ts");
  const present = await loadKeySet(file);
  const keySet = await (present?.rotate() ?? generateKeySet());
  await saveKeySet(file, keySet);
  printKeys(keySet, command, terminal);
}

async function listKeys(command: Command, terminal: Terminal): Promise<void> {
  const { config } = await loadCommandConfig(command, terminal);
  const { loadServerKeys } = await import("../tokens/server-keys.ts");
  printKeys(await orUsageError(loadServerKeys(config)), command, terminal);
}

async function removeKey(kid: string, command: Command, terminal: Terminal): Promise<void> {
  const file = await keyFile(command, terminal);
  const { loadKeySet, saveKeySet } = await import("../tokens/key-file.ts");
  const keySet = (await loadKeySet(file))?.without(kid);
  if (keySet?.signingKey === undefined) {
    throw new CliError(
      `${kid} is the key that signs; make another with \`anywire keys add\` first`,
    );
  }
  await saveKeySet(file, keySet);
  printKeys(keySet, command, terminal);
}

async function keyFile(command: Command, terminal: Terminal): Promise<string> {
  const { config } = await loadCommandConfig(command, terminal);
  const { keyFileOf } = await import("../tokens/key-file.ts");
  return keyFileOf(ownKeysDirectory(config));
}

function ownKeysDirectory({ tokens, data }: Config): string {
  if (tokens.keys === undefined) return data.directory;
  throw usageError("the keys are configured as tokens.keys; change them there");
}

function printKeys(keySet: KeySet, command: Command, { out, err }: Terminal): void {
  const { json } = command.optsWithGlobals<GlobalOptions>();
  const keys = keySet.keys.map(({ kid, algorithm }) => ({
    kid,
    algorithm,
    signs: keySet.signingKey?.kid === kid,
  }));
  if (json === true) {
    out.line(JSON.stringify({ keys }));
    return;
  }
  if (keys.length === 0) err.line("There are no keys; make one with `anywire keys add`.");
  for (const { kid, algorithm, signs } of keys) {
    out.line(`${kid}  ${algorithm}  ${signs ? out.paint("green", "signs and checks") : "checks"}`);
  }
}
