import type { EntriesPage, Entry } from "@anywire/types";
import { type Command, InvalidArgumentError, Option } from "commander";
import { z } from "zod";
import { escapeControls } from "../../escape-controls.ts";
import { createApiClient } from "../api-client.ts";
import { loadCommandConfig } from "../command-config.ts";
import { parseDurationSeconds } from "../duration.ts";
import { openIssuer } from "../open-issuer.ts";
import { serverUrl } from "../server-url.ts";
import type { Output, Terminal } from "../terminal.ts";
import { formatLogLine } from "./format-log-line.ts";
import { type OperatorOptions, withServerOptions } from "./operator-client.ts";

const EPILOGUE = `
Prints lines as they come, those of all servers. Failures come with the place in the author's file.

Examples:
  $ anywire functions logs
  $ anywire functions logs --function sms-length --level warn --since 2h
  $ anywire functions logs --json | jq .data.text
`;

const LEVELS = ["debug", "info", "warn", "error"] as const;
/** How long each token that it signs is good for, seconds; it signs a new one in time. */
const TOKEN_TTL_SECONDS = 3600;
/** Entries read at a time while looking for where to begin. */
const PAGE = 1000;

/** What a line of the functions' log is made of; what else there is may come. */
const lineSchema = z.looseObject({
  function: z.string().catch(""),
  level: z.enum(LEVELS).catch("info"),
  text: z.string().catch(""),
  fields: z.record(z.string(), z.unknown()).optional().catch(undefined),
  channel: z.string().optional().catch(undefined),
  error: z
    .looseObject({ failure: z.string(), stack: z.string().optional() })
    .optional()
    .catch(undefined),
});

interface LogsOptions extends OperatorOptions {
  readonly platform?: string;
  readonly function?: string;
  readonly level: (typeof LEVELS)[number];
  readonly since?: number;
  readonly limit?: number;
}

/** `anywire functions logs`: what functions say, as they say it. */
export function addLogsCommand(functions: Command, terminal: Terminal): void {
  withServerOptions(functions.command("logs"))
    .description("print what functions log, and what they fail of, as it comes")
    .option("--platform <name>", "the platform (default: functions.platform of the configuration)")
    .option("--function <name>", "of one function only")
    .addOption(
      new Option("--level <level>", "the least important level").choices(LEVELS).default("debug"),
    )
    .option("--since <duration>", "begin with what was said so long ago: 30s, 10m, 2h, 7d", readAge)
    .option("--limit <number>", "end after so many lines", readLimit)
    .addHelpText("after", EPILOGUE)
    .action((_options: unknown, command: Command) => followLogs(command, terminal));
}

async function followLogs(command: Command, terminal: Terminal): Promise<void> {
  const options = command.optsWithGlobals<LogsOptions>();
  const { config } = await loadCommandConfig(command, terminal);
  const { account: accountId, token, limit, since } = options;
  const platform = options.platform ?? config.functions.platform;
  const channel = `${platform}.system.functions`;
  const issuer = token === undefined ? await openIssuer(config) : undefined;
  const getToken = async (): Promise<string> =>
    issuer?.issue({ accountId, platform, subscribe: [channel], ttlSeconds: TOKEN_TTL_SECONDS }) ??
    token ??
    "";
  const url = serverUrl(config.http, options.url);
  const begin =
    since === undefined ? undefined : await offsetAt(url, await getToken(), channel, since);
  const { tail } = await import("../tail.ts");
  await tail(terminal, {
    url,
    pattern: channel,
    toLine: (entry) => toLine(entry, options, terminal.out),
    credentials: token === undefined ? { getToken } : { token },
    ...(begin !== undefined && { since: begin }),
    ...(limit !== undefined && { limit }),
  });
}

/** The offset after which everything is younger than that age. */
async function offsetAt(url: URL, token: string, channel: string, ageMs: number): Promise<number> {
  const api = createApiClient(url, token);
  const from = Date.now() - ageMs;
  let cursor = "";
  for (;;) {
    const path = `/v1/channels/${channel}/entries?order=desc&limit=${PAGE}${cursor}`;
    const page = await api.call<EntriesPage>("GET", path);
    const older = page.entries.find(({ at }) => at < from);
    if (older !== undefined) return older.offset;
    if (page.cursor === undefined) return 0;
    cursor = `&before=${page.cursor}`;
  }
}

function toLine(entry: Entry, options: LogsOptions, out: Output): string | undefined {
  if (entry.kind !== "log") return undefined;
  const line = lineSchema.parse(Object(entry.data));
  if (options.function !== undefined && line.function !== options.function) return undefined;
  if (LEVELS.indexOf(line.level) < LEVELS.indexOf(options.level)) return undefined;
  if (options.json === true) return JSON.stringify(entry);
  const { function: name, channel, error } = line;
  const fields = { ...line.fields, ...(channel !== undefined && { channel }) };
  const head = formatLogLine({ ...line, fields, at: entry.at }, out, name);
  const stack = error?.stack
    ?.split("\n")
    .map((row) => `\n    ${out.paint("dim", escapeControls(row))}`);
  return [head, ...(stack ?? [])].join("");
}

function readAge(text: string): number {
  const seconds = parseDurationSeconds(text);
  if (seconds !== undefined) return seconds * 1000;
  throw new InvalidArgumentError("Write a number and s, m, h, d or w, such as 10m.");
}

function readLimit(text: string): number {
  if (/^[1-9]\d{0,14}$/.test(text)) return Number(text);
  throw new InvalidArgumentError("Write a whole number from 1.");
}
