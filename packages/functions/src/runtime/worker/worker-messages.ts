import type { MessagePort } from "node:worker_threads";
import type { ErrorCode } from "@anywire/types";
import type { FunctionDescription } from "../../author/definition.ts";
import type { EventInputs, FunctionTrace } from "../../author/events.ts";
import type { FunctionResult } from "../../author/results.ts";
import type { Trigger } from "../../author/trigger.ts";
import type { BuildProblem, FunctionCode } from "../bundle/revision.ts";
import type { CallMethod, Effect, LogLine, RunError } from "../run.ts";

/** The limits that a worker keeps by itself. */
export interface WorkerLimits {
  readonly maxCalls: number;
  readonly maxLogLines: number;
  readonly allowedAddresses: readonly string[];
}

/** What a worker is started with. */
export interface WorkerSettings {
  /** All that is said goes over it: the worker's own port is in reach of the functions. */
  readonly port: MessagePort;
  /** Of `Claims`. */
  readonly claims: SharedArrayBuffer;
  readonly functions: readonly FunctionCode[];
  /** As in `Revision`. */
  readonly root: string | undefined;
  readonly limits: WorkerLimits;
  /** Where the process keeps compiled code; undefined when it keeps none. */
  readonly compileCache: string | undefined;
}

/** A run that shall begin. */
export interface StartRun {
  readonly id: number;
  /** Which function, in the order of the revision. */
  readonly index: number;
  readonly event: EventInputs[Trigger];
  readonly platform: string;
  readonly trace: FunctionTrace;
  readonly key: string;
  readonly isDiscarding: boolean;
}

/** What a call failed with, fit to leave a thread. */
export interface CallError {
  readonly code: ErrorCode;
  readonly message: string;
  readonly details: Readonly<Record<string, unknown>>;
}

/** What the host answered to a call. */
export interface CallAnswer {
  readonly id: number;
  readonly value?: unknown;
  readonly error?: CallError;
}

/** What the pool says in one turn of its event loop. */
export interface PoolMessage {
  /** Counts up; to be said back when it was heard, and when all of its runs were begun. */
  readonly turn: number;
  readonly runs: readonly StartRun[];
  readonly answers: readonly CallAnswer[];
  /** Runs whose deadline has come. */
  readonly late: readonly number[];
}

/** A call that a run makes. */
export interface CallAsked {
  readonly id: number;
  readonly run: number;
  /** The how-manieth call of its method in its run. */
  readonly index: number;
  readonly method: CallMethod;
  /** JSON of its arguments. */
  readonly args: string;
}

/** A run that is over, or whose deadline was heard to have come. */
export interface RunOver {
  readonly id: number;
  readonly durationMs: number;
  /** Its deadline was heard; it has not come to its end. */
  readonly isLate?: true;
  /** Absent, as is an error: it may go on as it was. */
  readonly result?: FunctionResult;
  readonly error?: RunError;
  readonly lines?: readonly LogLine[];
  readonly effects?: readonly Effect[];
}

/** What the functions of a revision are. */
export interface Loaded {
  readonly functions: readonly FunctionDescription[];
  readonly problems: readonly BuildProblem[];
}

/** What a worker says in one turn of its event loop. */
export interface WorkerMessage {
  /** The last turn of the pool that was heard. */
  readonly turn: number;
  /** The last turn with runs of which all were begun. */
  readonly batch: number;
  readonly over: readonly RunOver[];
  readonly calls: readonly CallAsked[];
  /** Runs that were late and have come to their end all the same. */
  readonly settled: readonly number[];
  /** What was said outside of any run. */
  readonly outside: readonly string[];
  /** Once. */
  readonly loaded?: Loaded;
}
