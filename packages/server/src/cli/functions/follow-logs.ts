import type { EntriesPage, Entry } from "@anywire/types";
import { z } from "zod";
import type { Config } from "../../config/config.ts";
import { escapeControls } from "../../escape-controls.ts";
import { createApiClient } from "../api-client.ts";
import { openIssuer } from "../open-issuer.ts";
import { serverUrl } from "../server-url.ts";
import { tail } from "../tail.ts";
import type { Output, Terminal } from "../terminal.ts";
import { formatLogLine } from "./format-log-line.ts";
import { LOG_LEVELS, type LogsOptions } from "./log-levels.ts";

/** How long each token that it signs is good for, seconds; it signs a new one in time. */
const TOKEN_TTL_SECONDS = 3600;
/** Entries read at a time while looking for where to begin. */
const PAGE = 1000;

/** What a line of the functions' log is made of; what else there is may come. */
const lineSchema = z.looseObject({
  function: z.string().catch(""),
  level: z.enum(LOG_LEVELS).catch("info"),
  text: z.string().catch(""),
  fields: z.record(z.string(), z.unknown()).optional().catch(undefined),
  channel: z.string().optional().catch(undefined),
  error: z
    .looseObject({ failure: z.string(), stack: z.string().optional() })
    .optional()
    .catch(undefined),
});

/** Prints lines of the functions' log as they come, until the limit is reached or a signal comes. */
export async function followLogs(
  terminal: Terminal,
  config: Config,
  options: LogsOptions,
): Promise<void> {
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
  if (LOG_LEVELS.indexOf(line.level) < LOG_LEVELS.indexOf(options.level)) return undefined;
  if (options.json === true) return JSON.stringify(entry);
  const { function: name, channel, error } = line;
  const fields = { ...line.fields, ...(channel !== undefined && { channel }) };
  const head = formatLogLine({ ...line, fields, at: entry.at }, out, name);
  const stack = error?.stack
    ?.split("\n")
    .map((row) => `\n    ${out.paint("dim", escapeControls(row))}`);
  return [head, ...(stack ?? [])].join("");
}
