import type { Command } from "commander";
import type { ConfigInput } from "../config/config.ts";
import type { ConfigFlag, LoadedConfig } from "../config/load-config.ts";
import { usageError } from "./cli-error.ts";
import type { Terminal } from "./terminal.ts";

/** The options that every command takes. */
export interface GlobalOptions {
  readonly config?: string;
  readonly data?: string;
  readonly port?: string;
  readonly roles?: string;
  readonly json?: true;
  readonly verbose?: true;
}

/** Which field of the configuration a global option sets. */
const FLAGS = { port: "http.port", data: "data.directory", roles: "roles" } as const;

/**
 * The configuration as the command's options, the environment and the file say.
 * @throws {CliError} with exit code 2, naming every problem.
 */
export async function loadCommandConfig(
  command: Command,
  terminal: Terminal,
  presets: ConfigInput = {},
): Promise<LoadedConfig> {
  const { loadConfig } = await import("../config/load-config.ts");
  const options = command.optsWithGlobals<GlobalOptions>();
  const sources = {
    presets,
    directory: terminal.directory,
    file: options.config,
    environment: terminal.environment,
    flags: flagsOf(options),
  };
  return orUsageError(loadConfig(sources));
}

/**
 * Lets a value pass; what the configuration can't be used for is wrong use, whoever finds out.
 * @throws {CliError} with exit code 2 in place of an error of code `bad_request`.
 */
export async function orUsageError<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    const isWrongUse = error instanceof Error && "code" in error && error.code === "bad_request";
    throw isWrongUse ? usageError(error.message, error) : error;
  }
}

function flagsOf(options: GlobalOptions): ConfigFlag[] {
  return (["port", "data", "roles"] as const).flatMap((name) => {
    const text = options[name];
    return text === undefined ? [] : { flag: `--${name}`, field: FLAGS[name], text };
  });
}
