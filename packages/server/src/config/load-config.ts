import { AnywireError } from "@anywire/types";
import { type Config, type ConfigInput, configSchema } from "./config.ts";
import { type ConfigField, configFields } from "./config-fields.ts";
import { readConfigFile } from "./config-file.ts";
import { describeIssues } from "./config-problems.ts";
import { didYouMean } from "./did-you-mean.ts";
import type { Environment } from "./environment.ts";
import { RawConfig } from "./raw-config.ts";

/** A value given on the command line. */
export interface ConfigFlag {
  /** What it is called there, such as `--port`. */
  readonly flag: string;
  /** The name of the field it sets, such as `http.port`. */
  readonly field: string;
  /** The value as it was typed. */
  readonly text: string;
}

/** What a configuration is made of; later ones win: presets, file, environment, flags. */
export interface ConfigSources {
  /** Other defaults than the schema's own, such as those of `anywire dev`. */
  readonly presets?: ConfigInput;
  /** Where a configuration file is looked for. */
  readonly directory: string;
  /** The configuration file, from `directory`; by default it is looked for. */
  readonly file?: string | undefined;
  readonly environment: Environment;
  readonly flags?: readonly ConfigFlag[];
}

/** A configuration and where its values come from. */
export interface LoadedConfig {
  readonly config: Config;
  /** Path of the configuration file, when there is one. */
  readonly file: string | undefined;
  /** By field name: the file's path, `ANYWIRE_HTTP_PORT` or `--port`. Absent: the default. */
  readonly origins: ReadonlyMap<string, string>;
}

/**
 * Puts the configuration together and checks it.
 * @throws {AnywireError} `bad_request` that names every problem, a line each; `details.problems` has them as a list.
 */
export async function loadConfig(sources: ConfigSources): Promise<LoadedConfig> {
  const fields = configFields();
  const raw = new RawConfig();
  raw.merge(sources.presets ?? {}, fields);
  const file = await readConfigFile(sources.directory, sources.file);
  if (file !== undefined) raw.merge(file.content, fields, file.path);
  const problems = applyEnvironment(raw, fields, sources.environment);
  for (const { flag, field: name, text } of sources.flags ?? []) {
    const field = fields.find((candidate) => candidate.name === name);
    if (field !== undefined) raw.setText(field, text, flag);
  }
  const parsed = configSchema.safeParse(raw.values);
  if (!parsed.success) problems.push(...describeIssues(parsed.error.issues, raw));
  if (!parsed.success || problems.length > 0) throw refusal(problems);
  return { config: parsed.data, file: file?.path, origins: raw.origins };
}

/** Sets what the `ANYWIRE_*` variables say; an empty one counts as absent. Returns what is wrong with them. */
function applyEnvironment(
  raw: RawConfig,
  fields: readonly ConfigField[],
  environment: Environment,
): string[] {
  const setters = environmentSetters(raw, fields);
  const problems: string[] = [];
  for (const [name, text] of Object.entries(environment)) {
    if (!name.startsWith("ANYWIRE_") || text === undefined || text === "") continue;
    const set = setters.get(name);
    if (set === undefined)
      problems.push(`${name} is unknown.${didYouMean(name, [...setters.keys()])}`);
    else set(text);
  }
  return problems;
}

function environmentSetters(
  raw: RawConfig,
  fields: readonly ConfigField[],
): Map<string, (text: string) => void> {
  const setters = new Map<string, (text: string) => void>();
  for (const field of fields) {
    const name = field.environmentName;
    setters.set(name, (text) => raw.setText(field, text, name));
    if (field.kind !== "secret") continue;
    setters.set(`${name}_FILE`, (file) => raw.set(field, { file }, `${name}_FILE`));
  }
  return setters;
}

function refusal(problems: readonly string[]): AnywireError {
  const count = problems.length === 1 ? "a problem" : `${problems.length} problems`;
  const list = problems.map((problem) => `\n  - ${problem}`).join("");
  return new AnywireError("bad_request", `the configuration has ${count}:${list}`, {
    details: { problems },
  });
}
