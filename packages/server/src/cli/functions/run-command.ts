import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { inspect } from "node:util";
import type { FunctionRun } from "@anywire/types";
import type { Command } from "commander";
import { escapeControls } from "../../escape-controls.ts";
import { CliError, usageError } from "../cli-error.ts";
import type { Output, Terminal } from "../terminal.ts";
import { formatLogLine } from "./format-log-line.ts";
import {
  functionPath,
  type OperatorOptions,
  openOperatorClient,
  withServerOptions,
} from "./operator-client.ts";

const EPILOGUE = `
What is absent from the event gets a value that fits the function. Nothing happens unless --live is given: what the
function would change is printed.

Examples:
  $ anywire functions run sms-length --event '{"message":{"text":"Hello"}}'
  $ anywire functions run digest --event event.json --live
`;

interface RunOptions {
  readonly event?: string;
  readonly live?: true;
}

/** `anywire functions run`: tries a function. */
export function addRunCommand(functions: Command, terminal: Terminal): void {
  withServerOptions(functions.command("run"))
    .description("run a function once on an event that you make up, and tell what comes of it")
    .argument("<name>", "the function")
    .option("--event <json>", "the event as JSON, or a file with it")
    .option("--live", "have what it changes really happen")
    .addHelpText("after", EPILOGUE)
    .action((name: string, options: RunOptions, command: Command) =>
      run(name, options, command, terminal),
    );
}

async function run(
  name: string,
  { event, live }: RunOptions,
  command: Command,
  terminal: Terminal,
): Promise<void> {
  const { json } = command.optsWithGlobals<OperatorOptions>();
  const given = event === undefined ? {} : await readEvent(event, terminal.directory);
  const api = await openOperatorClient(command, terminal);
  const path = `${functionPath(name)}/run`;
  const effects = live === true ? "live" : "discard";
  const report = await api.call<FunctionRun>("POST", path, { event: given, effects });
  if (json === true) terminal.out.line(JSON.stringify(report));
  else for (const line of formatRun(report, terminal.out)) terminal.out.line(line);
  const { error } = report;
  if (error === undefined) return;
  throw new CliError(`${name} failed (${error.failure}): ${error.stack ?? error.message}`);
}

async function readEvent(text: string, directory: string): Promise<object> {
  const isInline = text.trimStart().startsWith("{");
  const source = isInline ? text : await readEventFile(resolve(directory, text));
  let value: unknown;
  try {
    value = JSON.parse(source);
  } catch (error) {
    const where = isInline ? "--event" : text;
    throw usageError(`${where} is no JSON: ${error instanceof Error ? error.message : error}`);
  }
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return value;
  throw usageError('an event is an object, such as {"message":{"text":"Hello"}}');
}

async function readEventFile(path: string): Promise<string> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    throw usageError(
      `${path} can't be read: name a file with an event, or write one, such as '{"message":{"text":"Hello"}}'`,
      error,
    );
  }
}

function formatRun({ result, durationMs, lines, effects }: FunctionRun, out: Output): string[] {
  const shown = lines.map((line) => formatLogLine(line, out));
  const changes = effects.map(({ method, args }) => {
    const call = `${method}(${args.map((arg) => show(arg)).join(", ")})`;
    return `${out.paint("yellow", "would")} ${call}`;
  });
  const decided = result === undefined ? [] : [formatResult(result, out)];
  const took = out.paint("dim", `${durationMs.toFixed(1)} ms`);
  return [...shown, ...changes, ...decided, took];
}

function formatResult({ type, ...rest }: NonNullable<FunctionRun["result"]>, out: Output): string {
  const style = type === "abort" ? "red" : "green";
  const details = Object.keys(rest).length === 0 ? "" : ` ${show(rest)}`;
  return `${out.paint(style, type)}${details}`;
}

function show(value: unknown): string {
  const options = { depth: 6, breakLength: Number.POSITIVE_INFINITY };
  return escapeControls(inspect(value, options));
}
