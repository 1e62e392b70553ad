import { resolve } from "node:path";
import type { Command } from "commander";
import type { Config, ConfigInput } from "../config/config.ts";
import type { RunningServer } from "../server.ts";
import { VERSION } from "../version.ts";
import { type GlobalOptions, loadCommandConfig, orUsageError } from "./command-config.ts";
import { wholePlatform } from "./open-issuer.ts";
import { logCrashes, serve } from "./serve.ts";
import type { Output, Terminal } from "./terminal.ts";

const EPILOGUE = `
Makes its own keys in the data directory, lets pages of localhost in, and gives them tokens. Not for production.

Examples:
  $ anywire dev
  $ anywire dev --port 0 --data /tmp/try
  $ ANYWIRE_LOGGING_LEVEL=debug anywire dev
`;

/** The platform of tokens that do not name one. */
const DEFAULT_PLATFORM = "production";

/** `anywire dev`: a server to try things out and to develop against. */
export function addDevCommand(program: Command, terminal: Terminal): void {
  program
    .command("dev")
    .description("run a server for development")
    .addHelpText("after", EPILOGUE)
    .action((_options: unknown, command: Command) => dev(command, terminal));
}

async function dev(command: Command, terminal: Terminal): Promise<void> {
  const asJson = command.optsWithGlobals<GlobalOptions>().json === true;
  const { config } = await loadCommandConfig(command, terminal, presets(asJson));
  const { createLogger } = await import("../logging.ts");
  const { loadOrCreateServerKeys } = await import("../tokens/server-keys.ts");
  const { createTokenIssuer } = await import("../tokens/token-issuer.ts");
  const keySet = await orUsageError(loadOrCreateServerKeys(config));
  const logger = createLogger(config.logging);
  logCrashes(logger);
  const issuer = createTokenIssuer(keySet, config.tokens);
  const devTokens = ({ account, platform = DEFAULT_PLATFORM }: DevTokenRequest): Promise<string> =>
    issuer.issue({ accountId: account, platform, ...wholePlatform(platform) });
  await serve(terminal, { config, keySet, logger, devTokens }, (server) => {
    if (asJson) logger.info({ url: server.url, data: config.data.directory }, "listening");
    else terminal.out.line(startScreen(server, config, terminal.out));
  });
}

interface DevTokenRequest {
  readonly account: string;
  readonly platform?: string | undefined;
}

function presets(asJson: boolean): ConfigInput {
  return {
    http: { corsOrigins: ["http://localhost:*", "http://127.0.0.1:*"] },
    logging: { format: asJson ? "json" : "pretty" },
  };
}

function startScreen({ url }: RunningServer, { engine, data, http }: Config, out: Output): string {
  const directory = resolve(data.directory);
  const dataFlag = directory === resolve(".anywire") ? "" : ` --data ${data.directory}`;
  const portFlag = http.port === 4000 ? "" : ` --port ${new URL(url).port}`;
  const rows = [
    ["Page", out.paint("cyan", `${url}/`)],
    ["API", out.paint("cyan", `${url}/docs`)],
    ["Data", engine === "memory" ? "in memory only; gone when it stops" : directory],
    ["Token", `npx anywire token --account bob${dataFlag}`],
    ["Watch", `npx anywire tail "production.>"${dataFlag}${portFlag}`],
  ];
  return [
    "",
    `  ${out.paint(["bold", "green"], `Anywire ${VERSION}`)} is running.`,
    "",
    ...rows.map(([name = "", value]) => `    ${out.paint("dim", name.padEnd(7))}${value}`),
    "",
    `  Press Ctrl+C to stop.`,
    "",
  ].join("\n");
}
