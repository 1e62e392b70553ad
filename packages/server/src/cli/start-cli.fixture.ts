import type { Environment } from "../config/environment.ts";
import type { ExitCode } from "./cli-error.ts";
import { runCli } from "./run-cli.ts";
import type { Output, StopSignal, Terminal } from "./terminal.ts";

/** A command that runs inside a test. */
export interface TestRun {
  /** Resolves with the exit code. */
  readonly exitCode: Promise<ExitCode>;
  /** The lines of results so far. */
  readonly out: readonly string[];
  /** The lines of notes and errors so far. */
  readonly err: readonly string[];
  /** Resolves with the first line, of either, that matches, also when it was written before. */
  line(pattern: RegExp): Promise<string>;
  /** Sends a signal. */
  signal(signal: StopSignal): void;
}

/** Runs a command in this process, in a directory and environment of its own. */
export function startCli(
  args: readonly string[],
  { directory, environment = {} }: { directory: string; environment?: Environment },
): TestRun {
  const out: string[] = [];
  const err: string[] = [];
  const signalListeners = new Set<(signal: StopSignal) => void>();
  const lineListeners = new Set<() => void>();
  const outputTo = (lines: string[]): Output => ({
    line: (text) => {
      lines.push(text);
      for (const listener of lineListeners) listener();
    },
    paint: (_, text) => text,
  });
  const terminal: Terminal = {
    out: outputTo(out),
    err: outputTo(err),
    directory,
    environment,
    onSignal: (listener) => {
      signalListeners.add(listener);
      return () => signalListeners.delete(listener);
    },
    exit: (code) => {
      throw new Error(`exit ${code}`);
    },
  };
  return {
    exitCode: runCli(args, terminal),
    out,
    err,
    line: (pattern) =>
      new Promise((resolve) => {
        const look = (): void => {
          const found = [...out, ...err].find((line) => pattern.test(line));
          if (found === undefined) return;
          lineListeners.delete(look);
          resolve(found);
        };
        lineListeners.add(look);
        look();
      }),
    signal: (signal) => {
      for (const listener of signalListeners) listener(signal);
    },
  };
}
