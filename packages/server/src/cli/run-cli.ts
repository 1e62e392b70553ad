import { CommanderError } from "commander";
import { escapeControls } from "../escape-controls.ts";
import { CliError, EXIT, type ExitCode } from "./cli-error.ts";
import { createProgram } from "./program.ts";
import type { Output, Terminal } from "./terminal.ts";

/** Runs a command line, the program's own name left out. Resolves with the exit code; never rejects. */
export async function runCli(args: readonly string[], terminal: Terminal): Promise<ExitCode> {
  const program = createProgram(terminal);
  try {
    await program.parseAsync(args, { from: "user" });
    return EXIT.ok;
  } catch (error) {
    if (error instanceof CommanderError && error.exitCode === 0) return EXIT.ok;
    const { json, verbose } = program.opts();
    report(error, terminal.err, { asJson: json === true, isVerbose: verbose === true });
    return exitCodeOf(error);
  }
}

function exitCodeOf(error: unknown): ExitCode {
  if (error instanceof CommanderError) return EXIT.usage;
  return error instanceof CliError ? error.exitCode : EXIT.failed;
}

function report(
  error: unknown,
  err: Output,
  { asJson, isVerbose }: { asJson: boolean; isVerbose: boolean },
): void {
  const message = messageOf(error);
  if (message === "") return;
  if (asJson) err.line(JSON.stringify({ error: { message, exitCode: exitCodeOf(error) } }));
  else err.line(`${err.paint("red", "anywire:")} ${shown(message)}`);
  if (isVerbose && error instanceof Error) err.line(err.paint("dim", shown(stackOf(error))));
}

/** A server's words, and those of functions, may be in it. */
function shown(text: string): string {
  return text.split("\n").map(escapeControls).join("\n");
}

/** Errors that were written for people as they are; of all others, that they happened. */
function messageOf(error: unknown): string {
  if (error instanceof CommanderError) {
    // Help was asked for by calling without a command, and has been shown.
    if (error.code === "commander.help") return "";
    const fault = error.message.replace(/^error: /, "").replaceAll("\n", " ");
    return `${fault.replace(/\.$/, "")}. See \`anywire --help\`.`;
  }
  const isForPeople =
    error instanceof Error && (error.name === "AnywireError" || error.name === "CliError");
  if (isForPeople) return error.message;
  const detail = error instanceof Error ? error.message : String(error);
  return `something failed that should not: ${detail}. Run it again with --verbose and report what it says.`;
}

function stackOf(error: Error): string {
  const stack = error.stack ?? error.message;
  return error.cause instanceof Error ? `${stack}\ncaused by ${stackOf(error.cause)}` : stack;
}
