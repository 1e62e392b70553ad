import type { SentMessage } from "@anywire/types";
import type { Command } from "commander";
import { createApiClient } from "./api-client.ts";
import { loadCommandConfig } from "./command-config.ts";
import { openIssuer } from "./open-issuer.ts";
import { serverUrl } from "./server-url.ts";
import type { Terminal } from "./terminal.ts";

const EPILOGUE = `
Prints the offset of the stored message. The same id again stores nothing twice.

Examples:
  $ anywire publish production.group.lobby "Hello, everyone"
  $ anywire publish production.group.lobby "Build 42 is out" --account ci --id build-42
`;

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
  const issue = async (): Promise<string> => {
    const issuer = await openIssuer(config);
    const publish = [channel];
    return issuer.issue({ accountId: account, platform, publish, ttlSeconds: TOKEN_TTL_SECONDS });
  };
  const api = createApiClient(serverUrl(config.http, url), token ?? (await issue()));
  const path = `/v1/channels/${channel}/messages`;
  const sent = await api.call<SentMessage>("POST", path, { id, text });
  terminal.out.line(json === true ? JSON.stringify(sent) : String(sent.offset));
}
