import { relative, resolve } from "node:path";
import { type Command, InvalidArgumentError } from "commander";
import type { Config, ConfigInput } from "../config/config.ts";
import { createDevHandset } from "../dev/dev-handset.ts";
import type { RunningServer } from "../server.ts";
import { VERSION } from "../version.ts";
import { type GlobalOptions, loadCommandConfig, orUsageError } from "./command-config.ts";
import { fileWatchNotes } from "./functions/file-watch-notes.ts";
import { DEFAULT_INSPECTOR_PORT, openInspector } from "./open-inspector.ts";
import { wholePlatform } from "./open-issuer.ts";
import { logCrashes, serve } from "./serve.ts";
import type { Output, Terminal } from "./terminal.ts";

const EPILOGUE = `
Makes its own keys in the data directory, lets pages of localhost in, and gives them tokens. Runs the functions of
./functions as they are saved. Simulates a network of each kind, with a page to play the people there: /handset. Not for production.

Examples:
  $ anywire dev
  $ anywire dev --port 0 --data /tmp/try
  $ anywire dev --inspect
  $ ANYWIRE_LOGGING_LEVEL=debug anywire dev
`;

/** The platform of tokens that do not name one. */
const DEFAULT_PLATFORM = "production";

/** `anywire dev`: a server to try things out and to develop against. */
export function addDevCommand(program: Command, terminal: Terminal): void {
  program
    .command("dev")
    .description("run a server for development")
    .option(
      "--inspect [port]",
      "open the inspector, so that breakpoints in functions hold (default port: 9229)",
      readPort,
    )
    .addHelpText("after", EPILOGUE)
    .action((_options: unknown, command: Command) => dev(command, terminal));
}

async function dev(command: Command, terminal: Terminal): Promise<void> {
  const { json, inspect } = command.optsWithGlobals<DevOptions>();
  const asJson = json === true;
  const { config } = await loadCommandConfig(command, terminal, presets(asJson));
  const { createLogger } = await import("../logging.ts");
  const { loadOrCreateServerKeys } = await import("../tokens/server-keys.ts");
  const { createTokenIssuer } = await import("../tokens/token-issuer.ts");
  const keySet = await orUsageError(loadOrCreateServerKeys(config));
  const logger = createLogger(config.logging);
  logCrashes(logger);
  const issuer = createTokenIssuer(keySet, config.tokens);
  const devTokens = ({ account, platform = DEFAULT_PLATFORM }: DevTokenRequest): Promise<string> =>
    issuer.issue({ accountId: account, platform, ...everythingOn(platform) });
  // Before functions are loaded: only threads that begin later can be debugged.
  const inspector = inspect === undefined ? undefined : await openInspector(portOf(inspect));
  const files = asJson ? {} : { functionFiles: fileWatchNotes(terminal.err) };
  const devHandset = createDevHandset();
  const options = { config, keySet, logger, devTokens, devHandset, ...files };
  await serve(terminal, options, (server) => {
    if (asJson) {
      logger.info(
        { url: server.url, data: config.data.directory, inspector: inspector },
        "listening",
      );
    } else terminal.out.line(startScreen(server, config, terminal.out, inspector));
  });
}

interface DevOptions extends GlobalOptions {
  readonly inspect?: number | true;
}

function portOf(inspect: number | true): number {
  return inspect === true ? DEFAULT_INSPECTOR_PORT : inspect;
}

function readPort(text: string): number {
  if (/^\d{1,5}$/.test(text) && Number(text) <= 65_535) return Number(text);
  throw new InvalidArgumentError("Write a whole number from 0 to 65535.");
}

/** Also what functions log, which only a pattern opens that names it. */
function everythingOn(platform: string): ReturnType<typeof wholePlatform> {
  const { subscribe, publish, manage } = wholePlatform(platform);
  const system = `${platform}.system.*`;
  return { subscribe: [...subscribe, system], publish, manage: [...manage, system] };
}

interface DevTokenRequest {
  readonly account: string;
  readonly platform?: string | undefined;
}

function presets(asJson: boolean): ConfigInput {
  return {
    http: { corsOrigins: ["http://localhost:*", "http://127.0.0.1:*"] },
    logging: { format: asJson ? "json" : "pretty" },
    functions: { source: "directory" },
  };
}

function startScreen(
  { url, functionNames }: RunningServer,
  { engine, data, http, functions }: Config,
  out: Output,
  inspector: string | undefined,
): string {
  const directory = resolve(data.directory);
  const dataFlag = directory === resolve(".anywire") ? "" : ` --data ${data.directory}`;
  const portFlag = http.port === 4000 ? "" : ` --port ${new URL(url).port}`;
  const rows = [
    ["Page", out.paint("cyan", `${url}/`)],
    ["Handset", out.paint("cyan", `${url}/handset`)],
    ["API", out.paint("cyan", `${url}/docs`)],
    ["Data", engine === "memory" ? "in memory only; gone when it stops" : directory],
    ["Functions", functionsRow(functionNames.length, functions)],
    ["Token", `npx anywire token --account bob${dataFlag}`],
    ["Watch", `npx anywire tail "production.>"${dataFlag}${portFlag}`],
  ];
  if (inspector !== undefined) rows.push(["Debugger", inspector]);
  return [
    "",
    `  ${out.paint(["bold", "green"], `Anywire ${VERSION}`)} is running.`,
    "",
    ...rows.map(([name = "", value]) => `    ${out.paint("dim", name.padEnd(11))}${value}`),
    "",
    `  Press Ctrl+C to stop.`,
    "",
  ].join("\n");
}

function functionsRow(count: number, { source, directory }: Config["functions"]): string {
  if (source === "deployments") return `${count} deployed`;
  const where = relative("", resolve(directory)) || ".";
  if (count > 0) return `${count} in ${where}`;
  return `none in ${where} yet; npx anywire functions new hello`;
}
