import type { styleText } from "node:util";
import type { Environment } from "../config/environment.ts";

/** A style of text, such as `bold` or `red`. */
export type Style = Parameters<typeof styleText>[0];

/** Where a command writes. */
export interface Output {
  /** Writes a line. */
  line(text: string): void;
  /** The text in a style where that can be seen, otherwise as it is. */
  paint(style: Style, text: string): string;
}

/** A signal that ends a command. */
export type StopSignal = "SIGINT" | "SIGTERM";

/** Everything a command has to do with the process it runs in. */
export interface Terminal {
  /** Results: what a program would read. */
  readonly out: Output;
  /** Everything else: notes and errors. */
  readonly err: Output;
  /** The working directory. */
  readonly directory: string;
  readonly environment: Environment;
  /** Calls back at each signal, in place of dying of it, until the returned function is called. */
  onSignal(listener: (signal: StopSignal) => void): () => void;
  /** Ends the process at once. */
  exit(code: number): void;
}
