import type { Command } from "commander";
import { loadCommandConfig, orUsageError } from "./command-config.ts";
import { noteUndeployedFiles } from "./functions/undeployed-files.ts";
import { logCrashes, serve } from "./serve.ts";
import type { Terminal } from "./terminal.ts";

const EPILOGUE = `
Writes its log as JSON to standard output. SIGTERM and SIGINT let it finish what it has begun; a second one ends it
at once. It refuses to run without a key to check tokens with: \`anywire keys add\` makes one.

Examples:
  $ anywire start --data /var/lib/anywire --port 4000
  $ anywire start --roles edge
  $ ANYWIRE_TOKENS_JWKS_URL=https://id.example.org/jwks.json anywire start
`;

/** `anywire start`: a server for production. */
export function addStartCommand(program: Command, terminal: Terminal): void {
  program
    .command("start")
    .description("run a server for production")
    .option(
      "--roles <list>",
      "what this process is there for: edge, projector, functions (default: all)",
    )
    .addHelpText("after", EPILOGUE)
    .action((_options: unknown, command: Command) => start(command, terminal));
}

async function start(command: Command, terminal: Terminal): Promise<void> {
  const { config } = await loadCommandConfig(command, terminal);
  const { createLogger } = await import("../logging.ts");
  const { exposedKeyFile, requireServerKeys } = await import("../tokens/server-keys.ts");
  const keySet = await orUsageError(requireServerKeys(config));
  const logger = createLogger(config.logging);
  logCrashes(logger);
  const exposed = await exposedKeyFile(config);
  if (exposed !== undefined) {
    logger.warn({ file: exposed }, "others can read the private keys: run chmod 600 on the file");
  }
  await serve(terminal, { config, keySet, logger }, (server) => {
    logger.info({ url: server.url }, "listening");
    void noteUndeployedFiles(server, config, logger);
  });
}
