import { type Command, InvalidArgumentError, Option } from "commander";
import { loadCommandConfig } from "../command-config.ts";
import { parseDurationSeconds } from "../duration.ts";
import type { Terminal } from "../terminal.ts";
import { LOG_LEVELS, type LogsOptions } from "./log-levels.ts";
import { withServerOptions } from "./operator-client.ts";

const EPILOGUE = `
Prints lines as they come, those of all servers. Failures come with the place in the author's file.

Examples:
  $ anywire functions logs
  $ anywire functions logs --function sms-length --level warn --since 2h
  $ anywire functions logs --json | jq .data.text
`;

/** `anywire functions logs`: what functions say, as they say it. */
export function addLogsCommand(functions: Command, terminal: Terminal): void {
  withServerOptions(functions.command("logs"))
    .description("print what functions log, and what they fail of, as it comes")
    .option("--platform <name>", "the platform (default: functions.platform of the configuration)")
    .option("--function <name>", "of one function only")
    .addOption(
      new Option("--level <level>", "the least important level")
        .choices(LOG_LEVELS)
        .default("debug"),
    )
    .option("--since <duration>", "begin with what was said so long ago: 30s, 10m, 2h, 7d", readAge)
    .option("--limit <number>", "end after so many lines", readLimit)
    .addHelpText("after", EPILOGUE)
    .action((_options: unknown, command: Command) => logs(command, terminal));
}

async function logs(command: Command, terminal: Terminal): Promise<void> {
  const { config } = await loadCommandConfig(command, terminal);
  const { followLogs } = await import("./follow-logs.ts");
  await followLogs(terminal, config, command.optsWithGlobals<LogsOptions>());
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
