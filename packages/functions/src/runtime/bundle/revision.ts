import type { FunctionDescription } from "../../author/definition.ts";

/** The code of one function: one module that needs nothing but Node and `@anywire/functions`. */
export interface FunctionCode {
  readonly name: string;
  /** Its source file, from the directory of the functions. */
  readonly file: string;
  /** An ES module, with its source map inside. */
  readonly code: string;
  /** How a handler that was written for PubNub is bound; absent for any other. */
  readonly pubnub?: PubNubBinding;
}

/** What a PubNub account says of a function beside its code. */
export interface PubNubBinding {
  readonly trigger: FunctionDescription["trigger"];
  readonly binding: string;
  /** How it is run, as `fromPubNub` takes it and checks it when the function is loaded. */
  readonly options?: Readonly<Record<string, unknown>>;
}

/** All functions at one time. It never changes. */
export interface Revision {
  /** 26 letters and digits, from the code: the same code is the same revision. */
  readonly id: string;
  readonly functions: readonly FunctionCode[];
  /**
   * URL of the directory its files are in, ending with a slash, where they are at hand: breakpoints in them hold then. It is no part of
   * what is put up.
   */
  readonly root?: string;
}

/** What is wrong with one file. */
export interface BuildProblem {
  readonly file: string;
  /** From 1; null when it is not about a place. */
  readonly line: number | null;
  readonly column: number | null;
  /** What is wrong and what to do. */
  readonly text: string;
}

/** Functions that could not be built, or not be loaded. The message tells all problems, each with its place. */
export class FunctionBuildError extends Error {
  override readonly name = "FunctionBuildError";
  readonly problems: readonly BuildProblem[];

  constructor(problems: readonly BuildProblem[]) {
    super(problems.map(formatProblem).join("\n"));
    this.problems = problems;
  }
}

function formatProblem({ file, line, column, text }: BuildProblem): string {
  const place = line === null ? "" : `:${line}${column === null ? "" : `:${column}`}`;
  return `${file}${place}: ${text}`;
}
