import type { Problem, SentMessage } from "@anywire/types";
import type { Command } from "commander";
import { CliError } from "./cli-error.ts";
import { loadCommandConfig } from "./command-config.ts";
import { openIssuer } from "./open-issuer.ts";
import { serverUrl, unreachable } from "./server-url.ts";
import type { Terminal } from "./terminal.ts";

const EPILOGUE = `
Prints the offset of the stored message. The same id again stores nothing twice.

Examples:
  $ anywire publish production.group.lobby "Hello, everyone"
  $ anywire publish production.group.lobby "Build 42 is out" --account ci --id build-42
`;

/** How long a server may take to answer, ms. */
const TIMEOUT_MS = 30_000;
/** How long the token of one request is good for, seconds. */
const TOKEN_TTL_SECONDS = 60;

interface PublishOptions {
  readonly id?: string;
  readonly account: string;
  readonly token?: string;
  readonly url?: string;
  readonly json?: true;
}

/** `anywire publish`: stores one message on a channel of a running server. */
export function addPublishCommand(program: Command, terminal: Terminal): void {
  program
    .command("publish")
    .description("send a message to a channel")
    .argument("<channel>", "the channel, such as production.group.lobby")
    .argument("<text>", "what to say")
    .option("--id <id>", "your own id of the message")
    .option("--account <name>", "who says it", "cli")
    .option(
      "--token <token>",
      "a token to use instead of one signed with the key in the data directory",
    )
    .option("--url <url>", "the server (default: where the configuration makes it listen)")
    .addHelpText("after", EPILOGUE)
    .action((channel: string, text: string, _options: unknown, command: Command) =>
      publish(channel, text, command, terminal),
    );
}

async function publish(
  channel: string,
  text: string,
  command: Command,
  terminal: Terminal,
): Promise<void> {
  const { id: givenId, account, token, url, json } = command.optsWithGlobals<PublishOptions>();
  const { config } = await loadCommandConfig(command, terminal);
  const { createEntryId, parseChannelName } = await import("@anywire/types");
  const { platform } = parseChannelName(channel);
  const id = givenId ?? createEntryId();
  const sent = await post(
    serverUrl(config.http, url),
    `/v1/channels/${channel}/messages`,
    { id, text },
    token ??
      (await (
        await openIssuer(config)
      ).issue({
        accountId: account,
        platform,
        publish: [channel],
        ttlSeconds: TOKEN_TTL_SECONDS,
      })),
  );
  terminal.out.line(json === true ? JSON.stringify(sent) : String(sent.offset));
}

async function post(
  url: URL,
  path: string,
  message: { readonly id: string; readonly text: string },
  token: string,
): Promise<SentMessage> {
  let response: Response;
  try {
    response = await fetch(new URL(path, url), {
      method: "POST",
      headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
      body: JSON.stringify(message),
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
  } catch (error) {
    throw unreachable(url, error);
  }
  const answer: unknown = await response.json().catch(() => undefined);
  if (response.ok) return answer as SentMessage;
  throw new CliError(
    refusalOf(answer) ?? `the server at ${url.origin} answered ${response.status}`,
  );
}

function refusalOf(answer: unknown): string | undefined {
  if (typeof answer !== "object" || answer === null || !("detail" in answer)) return undefined;
  const { code, detail } = answer as Problem;
  return `the server refused it (${code}): ${detail}`;
}
