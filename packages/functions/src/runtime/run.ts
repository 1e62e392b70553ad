import type { EventInputs, FunctionTrace } from "../author/events.ts";
import type { FunctionResult } from "../author/results.ts";
import type { Trigger } from "../author/trigger.ts";

/**
 * What a run does to the outside. `live`: it happens. `discard`: what it would change is noted and answered as if it had
 * happened, and nothing happens: for shadow runs and trials. Reads happen.
 */
export type Effects = "live" | "discard";

/** One run of a function. */
export interface RunRequest<K extends Trigger = Trigger> {
  /** The function's name. */
  readonly name: string;
  readonly event: EventInputs[K];
  /** The platform whose channels, keys and log it has to do with. */
  readonly platform: string;
  readonly trace: FunctionTrace;
  /** How long it may take, ms. For a before or HTTP function it counts from the call, otherwise from its beginning. */
  readonly deadlineMs: number;
  readonly effects: Effects;
  /** The same when the run is tried again: begins the ids of what it publishes. */
  readonly key: string;
}

/** Why a run failed. */
export const RUN_FAILURES = [
  /** The author's code threw, or rejected. */
  "threw",
  /** It was not done at its deadline. */
  "late",
  /** What it returned is no result. */
  "bad_result",
  /** It used more memory than a worker has. */
  "out_of_memory",
  /** It tried to end the process. */
  "exited",
  /** Its worker died, and it was the only one at work there. */
  "crashed",
  /** More runs were waiting than may wait. */
  "queue_full",
  /** The server is stopping. */
  "stopped",
] as const;

/** One of {@link RUN_FAILURES}. */
export type RunFailure = (typeof RUN_FAILURES)[number];

/** Why a run failed, in words for its author. */
export interface RunError {
  readonly failure: RunFailure;
  readonly message: string;
  /** Where, in the author's files. */
  readonly stack?: string;
}

/** A line that a run logged. */
export interface LogLine {
  readonly level: "debug" | "info" | "warn" | "error";
  readonly text: string;
  readonly fields?: Readonly<Record<string, unknown>>;
  /** Milliseconds since the Unix epoch. */
  readonly at: number;
}

/** Something a run changed outside, or would have changed. */
export interface Effect {
  /** The method of the call, such as `publish`; `fetch` for a request that is no GET or HEAD. */
  readonly method: CallMethod | "fetch";
  readonly args: readonly unknown[];
}

/** What came of a run. It is told, never thrown: a run that fails is an outcome like another. */
export interface RunReport {
  readonly result?: FunctionResult;
  /** Instead of a result. */
  readonly error?: RunError;
  /** From its beginning to its end, ms. */
  readonly durationMs: number;
  /** From the call to its beginning, ms. */
  readonly queuedMs: number;
  readonly lines: readonly LogLine[];
  /** Only of a run whose effects are discarded. */
  readonly effects: readonly Effect[];
}

/** What a run can ask of the host: the methods of the context that a worker cannot answer by itself. */
export const CALL_METHODS = [
  "kv.read",
  "kv.set",
  "kv.delete",
  "kv.list",
  "kv.increment",
  "kv.compareAndSet",
  "secrets.get",
  "publish",
  "publishData",
  "signal",
  "channels.open",
  "channels.get",
  "channels.update",
  "channels.participants",
  "channels.addParticipants",
  "channels.removeParticipants",
  "channels.messages",
  "channels.message",
  "channels.present",
] as const;

/** One of {@link CALL_METHODS}. */
export type CallMethod = (typeof CALL_METHODS)[number];

/** The methods that change something. */
export const CHANGING: ReadonlySet<CallMethod> = new Set<CallMethod>([
  "kv.set",
  "kv.delete",
  "kv.increment",
  "kv.compareAndSet",
  "publish",
  "publishData",
  "signal",
  "channels.open",
  "channels.update",
  "channels.addParticipants",
  "channels.removeParticipants",
]);

/** Who makes a call. */
export interface CallOrigin {
  /** The function's name. */
  readonly name: string;
  readonly platform: string;
  readonly trace: FunctionTrace;
  /** That of the run, and the how-manieth call of its method in it: a call that is made again has them again. */
  readonly key: string;
  readonly index: number;
}

/**
 * Answers the calls of runs. The arguments come from an author's code and are to be checked; what it resolves with is cloned
 * into the worker; an `AnywireError` keeps its code there.
 */
export type HostCalls = (
  origin: CallOrigin,
  method: CallMethod,
  args: readonly unknown[],
) => Promise<unknown>;
