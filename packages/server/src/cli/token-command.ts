import { type Command, InvalidArgumentError } from "commander";
import { loadCommandConfig } from "./command-config.ts";
import { parseDurationSeconds } from "./duration.ts";
import { openIssuer, wholePlatform } from "./open-issuer.ts";
import type { Terminal } from "./terminal.ts";

const EPILOGUE = `
Without patterns the token is good for every channel of its platform.

Examples:
  $ anywire token --account bob
  $ anywire token --account june --platform staging --ttl 7d
  $ anywire token --account kiosk --subscribe "production.group.*" --publish --manage
  $ curl -H "Authorization: Bearer $(anywire token --account bob)" \\
      http://127.0.0.1:4000/v1/channels/production.group.lobby/entries
`;

/** Patterns as commander gives them: `true` for an option without values. */
type PatternOption = true | readonly string[];

interface TokenOptions {
  readonly account: string;
  readonly platform: string;
  readonly ttl?: number;
  readonly subscribe?: PatternOption;
  readonly publish?: PatternOption;
  readonly manage?: PatternOption;
  readonly json?: true;
}

/** `anywire token`: prints a token signed with the server's key. */
export function addTokenCommand(program: Command, terminal: Terminal): void {
  program
    .command("token")
    .description("print a token that signs an account in")
    .requiredOption("--account <name>", "the account's id")
    .option("--platform <name>", "the platform it is good for", "production")
    .option("--ttl <duration>", "how long it is good for: 45s, 30m, 1h, 7d (default: 1d)", readTtl)
    .option("--subscribe [patterns...]", "channels it may subscribe to and read; none when empty")
    .option("--publish [patterns...]", "channels it may publish to; none when empty")
    .option("--manage [patterns...]", "channels it may administer; none when empty")
    .addHelpText("after", EPILOGUE)
    .action((_options: unknown, command: Command) => printToken(command, terminal));
}

async function printToken(command: Command, terminal: Terminal): Promise<void> {
  const options = command.optsWithGlobals<TokenOptions>();
  const { account, platform, ttl, json } = options;
  const { config } = await loadCommandConfig(command, terminal);
  const ttlSeconds = ttl ?? config.tokens.defaultTtlSeconds;
  const issuer = await openIssuer(config);
  const token = await issuer.issue({
    accountId: account,
    platform,
    ...patternsOf(options),
    ttlSeconds,
  });
  const expiresAt = Date.now() + ttlSeconds * 1000;
  terminal.out.line(
    json === true ? JSON.stringify({ token, account, platform, expiresAt }) : token,
  );
}

function patternsOf(options: TokenOptions): ReturnType<typeof wholePlatform> {
  const all = wholePlatform(options.platform);
  const choose = (action: keyof typeof all): readonly string[] => {
    const given = options[action];
    return given === true ? [] : (given ?? all[action]);
  };
  return { subscribe: choose("subscribe"), publish: choose("publish"), manage: choose("manage") };
}

function readTtl(text: string): number {
  const seconds = parseDurationSeconds(text);
  if (seconds !== undefined) return seconds;
  throw new InvalidArgumentError("Write a number and s, m, h, d or w, such as 1h.");
}
