import { type Command, InvalidArgumentError } from "commander";
import type { Config } from "../config/config.ts";
import { usageError } from "./cli-error.ts";
import { loadCommandConfig } from "./command-config.ts";
import { openIssuer } from "./open-issuer.ts";
import { serverUrl } from "./server-url.ts";
import type { Terminal } from "./terminal.ts";

const EPILOGUE = `
A pattern is a channel, or has * for one segment and > for the rest; put it in quotes. A lost connection is taken up
again, and what was missed meanwhile is printed.

Examples:
  $ anywire tail production.group.lobby
  $ anywire tail "production.>" --since 0 --limit 100
  $ anywire tail "production.sms.*" --json | jq .data.text
`;

/** How long each token that it signs is good for, seconds; it signs a new one in time. */
const TOKEN_TTL_SECONDS = 3600;

interface TailFlags {
  readonly since?: number;
  readonly limit?: number;
  readonly account: string;
  readonly token?: string;
  readonly url?: string;
  readonly json?: true;
}

/** `anywire tail`: prints the entries of a running server as they come. */
export function addTailCommand(program: Command, terminal: Terminal): void {
  program
    .command("tail")
    .description("print entries as they come")
    .argument("<pattern>", "a channel or a pattern of channels")
    .option("--since <offset>", "begin after this offset; 0 is before the first entry", readOffset)
    .option("--limit <number>", "end after so many entries", readLimit)
    .option("--account <name>", "who listens", "cli")
    .option("--token <token>", "a token to use, in place of one signed with the server's key")
    .option("--url <url>", "the server (default: where the configuration makes it listen)")
    .addHelpText("after", EPILOGUE)
    .action((pattern: string, _options: unknown, command: Command) =>
      runTail(pattern, command, terminal),
    );
}

async function runTail(pattern: string, command: Command, terminal: Terminal): Promise<void> {
  const { since, limit, account, token, url, json } = command.optsWithGlobals<TailFlags>();
  const { config } = await loadCommandConfig(command, terminal);
  const { formatEntry, tail } = await import("./tail.ts");
  await tail(terminal, {
    url: serverUrl(config.http, url),
    pattern,
    toLine: (entry) => (json === true ? JSON.stringify(entry) : formatEntry(entry, terminal.out)),
    credentials:
      token === undefined ? { getToken: await tokenSource(config, pattern, account) } : { token },
    ...(since !== undefined && { since }),
    ...(limit !== undefined && { limit }),
  });
}

async function tokenSource(
  config: Config,
  pattern: string,
  accountId: string,
): Promise<() => Promise<string>> {
  const { isChannelPattern, isWildcard, platformOf } = await import("@anywire/types");
  const platform = platformOf(pattern);
  if (!isChannelPattern(pattern) || isWildcard(platform)) {
    throw usageError(
      `${pattern} is not a pattern within a platform; write one such as production.group.lobby, production.sms.* or production.>`,
    );
  }
  const issuer = await openIssuer(config);
  return () =>
    issuer.issue({ accountId, platform, subscribe: [pattern], ttlSeconds: TOKEN_TTL_SECONDS });
}

function readOffset(text: string): number {
  if (/^\d{1,15}$/.test(text)) return Number(text);
  throw new InvalidArgumentError("Write a whole number from 0.");
}

function readLimit(text: string): number {
  if (/^[1-9]\d{0,14}$/.test(text)) return Number(text);
  throw new InvalidArgumentError("Write a whole number from 1.");
}
