import type { Command } from "commander";
import type { Config } from "../../config/config.ts";
import { type ApiClient, createApiClient } from "../api-client.ts";
import { type GlobalOptions, loadCommandConfig } from "../command-config.ts";
import { openIssuer } from "../open-issuer.ts";
import { serverUrl } from "../server-url.ts";
import type { Terminal } from "../terminal.ts";

/** How long the token of a command is good for, seconds. */
const TOKEN_TTL_SECONDS = 300;
/** How long a server may take to answer, ms: it does so when a run has ended, which may take five minutes, or many have. */
const TIMEOUT_MS = 10 * 60 * 1000;

/** The options of every command that asks a server. */
export interface OperatorOptions extends GlobalOptions {
  readonly account: string;
  readonly token?: string;
  readonly url?: string;
}

/** A server that is asked about its functions. */
export interface OperatorClient extends ApiClient {
  readonly config: Config;
}

/** Gives a command the options by which it finds its server and is let in. */
export function withServerOptions(command: Command): Command {
  return command
    .option("--account <name>", "who does it", "cli")
    .option("--token <token>", "a token to use, in place of one signed with the server's key")
    .option("--url <url>", "the server (default: where the configuration makes it listen)");
}

/** The server that a command is about, with a token that may manage its functions. */
export async function openOperatorClient(
  command: Command,
  terminal: Terminal,
): Promise<OperatorClient> {
  const { account, token, url } = command.optsWithGlobals<OperatorOptions>();
  const { config } = await loadCommandConfig(command, terminal);
  const issue = async (): Promise<string> => {
    const issuer = await openIssuer(config);
    const manage = ["anywire.system.deployments"];
    const ttlSeconds = TOKEN_TTL_SECONDS;
    return issuer.issue({ accountId: account, platform: "anywire", manage, ttlSeconds });
  };
  const api = createApiClient(serverUrl(config.http, url), token ?? (await issue()), TIMEOUT_MS);
  return { ...api, config };
}

/** Where a function is asked about. */
export function functionPath(name: string): string {
  return `/v1/functions/${encodeURIComponent(name)}`;
}
