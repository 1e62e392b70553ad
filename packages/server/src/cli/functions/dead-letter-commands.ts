import type { DeadLettersPage, ReplayAnswer } from "@anywire/types";
import { type Command, InvalidArgumentError } from "commander";
import { escapeControls } from "../../escape-controls.ts";
import { CliError } from "../cli-error.ts";
import { formatColumns } from "../columns.ts";
import type { Output, Terminal } from "../terminal.ts";
import {
  functionPath,
  type OperatorOptions,
  openOperatorClient,
  withServerOptions,
} from "./operator-client.ts";

const HEAD = ["OFFSET", "GIVEN UP (UTC)", "CHANNEL", "ATTEMPTS", "ERROR"];

/** `anywire functions dead-letters | replay`: what functions were given up on. */
export function addDeadLetterCommands(functions: Command, terminal: Terminal): void {
  withServerOptions(functions.command("dead-letters"))
    .description("tell what a function was given up on, oldest first")
    .argument("<name>", "the function")
    .option("--after <offset>", "only events with a larger offset", readOffset, 0)
    .action((name: string, { after }: { after: number }, command: Command) =>
      listDeadLetters(name, after, command, terminal),
    );
  withServerOptions(functions.command("replay"))
    .description("have a function handle once more what it was given up on")
    .argument("<name>", "the function")
    .option("--offset <offset>", "one event only, by its offset", readOffset)
    .action((name: string, options: { offset?: number }, command: Command) =>
      replay(name, options, command, terminal),
    );
}

async function listDeadLetters(
  name: string,
  after: number,
  command: Command,
  terminal: Terminal,
): Promise<void> {
  const { json } = command.optsWithGlobals<OperatorOptions>();
  const { out, err } = terminal;
  const api = await openOperatorClient(command, terminal);
  const path = `${functionPath(name)}/dead-letters?after=${after}`;
  const page = await api.call<DeadLettersPage>("GET", path);
  if (json === true) return out.line(JSON.stringify(page));
  const rows = page.deadLetters.map(({ entry, attempts, error, at }) => [
    String(entry.offset),
    new Date(at).toISOString().slice(0, 19).replace("T", " "),
    entry.channel,
    String(attempts),
    escapeControls(error),
  ]);
  for (const line of formatColumns(HEAD, rows, out)) out.line(line);
  if (page.cursor !== undefined) {
    err.line(err.paint("dim", `There may be more: --after ${page.cursor}`));
  }
}

async function replay(
  name: string,
  { offset }: { readonly offset?: number },
  command: Command,
  terminal: Terminal,
): Promise<void> {
  const { json } = command.optsWithGlobals<OperatorOptions>();
  const api = await openOperatorClient(command, terminal);
  const body = offset === undefined ? {} : { offset };
  const answer = await api.call<ReplayAnswer>("POST", `${functionPath(name)}/replay`, body);
  if (json === true) terminal.out.line(JSON.stringify(answer));
  else tellReplay(answer, name, terminal.out);
  if (answer.failed > 0) {
    throw new CliError(
      `${answer.failed} failed once more and are kept; \`anywire functions logs --function ${name}\` tells why`,
    );
  }
}

function tellReplay({ replayed, isElsewhere }: ReplayAnswer, name: string, out: Output): void {
  out.line(
    isElsewhere
      ? `The server that works ${name} was asked to; its log tells what became of it.`
      : `${replayed} handled.`,
  );
}

function readOffset(text: string): number {
  if (/^[1-9]\d{0,14}$/.test(text)) return Number(text);
  throw new InvalidArgumentError("Write a whole number from 1.");
}
