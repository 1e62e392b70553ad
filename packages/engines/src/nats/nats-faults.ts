import { AnywireError } from "@anywire/types";
import type { Msg } from "@nats-io/transport-node";

/** What the server says about a request that it refuses. */
export interface ServerRefusal {
  readonly code?: number;
  readonly err_code?: number;
  readonly description?: string;
}

/** What to do about a refused publish. */
export type RefusalKind = "overtaken" | "busy" | "final";

/**
 * Numbers of the server's errors.
 * @see https://github.com/nats-io/nats-server/blob/main/server/errors.json
 */
const ACCOUNT_LIMITS = 10_002;
const INSUFFICIENT_RESOURCES = 10_023;
const MEMORY_EXCEEDED = 10_028;
const STORAGE_EXCEEDED = 10_047;
const TOO_LARGE = 10_054;
const NO_STREAM = 10_059;
const WRONG_LAST_SEQUENCE = 10_071;
const WRONG_LAST_IN_PROCESS = 10_164;
const STORE_FAILED = 10_077;
const INCOMPLETE_BATCH = 10_176;
const TOO_MANY_BATCHES = 10_210;
/** The answer when nobody keeps the stream right now. */
const NO_LEADER = [10_008, 10_009, 10_039, 10_076];

/** What the client library calls an error when nobody listens to what was asked. */
const NO_RESPONDERS = "NoResponders";

const FULL = [ACCOUNT_LIMITS, INSUFFICIENT_RESOURCES, MEMORY_EXCEEDED, STORAGE_EXCEEDED];
const LIMIT_OF_STREAM = /maximum (messages|bytes)/;

/** Whether a publish that was refused may be tried again, and how. */
export function refusalKind({ err_code }: ServerRefusal): RefusalKind {
  if (err_code === WRONG_LAST_SEQUENCE || err_code === WRONG_LAST_IN_PROCESS) return "overtaken";
  const isBusy =
    err_code === INCOMPLETE_BATCH ||
    err_code === TOO_MANY_BATCHES ||
    NO_LEADER.includes(err_code ?? 0);
  return isBusy ? "busy" : "final";
}

/** A refusal as an error of ours. */
export function toRefusalError(refusal: ServerRefusal): AnywireError {
  const { err_code = 0, description = "no reason given" } = refusal;
  const isFull = FULL.includes(err_code) || LIMIT_OF_STREAM.test(description);
  if (isFull) {
    return new AnywireError(
      "storage_full",
      `NATS stores nothing more (${description}); give JetStream more room`,
    );
  }
  if (err_code === TOO_LARGE) {
    return new AnywireError("too_large", `NATS takes no entry of that size (${description})`);
  }
  if (err_code === NO_STREAM) return noStream();
  if (err_code === STORE_FAILED) {
    return new AnywireError("unavailable", `NATS could not store the entry (${description})`);
  }
  return new AnywireError("unavailable", `NATS refused the request (${description})`);
}

/** Whatever the client library threw, as an error of ours; one of ours stays as it is. */
export function toNatsError(thrown: unknown): AnywireError {
  if (thrown instanceof AnywireError) return thrown;
  const refusal = apiRefusal(thrown);
  if (refusal !== undefined) return toRefusalError(refusal);
  const why = thrown instanceof Error ? thrown.message : String(thrown);
  return new AnywireError("unavailable", `NATS does not answer (${why})`, { cause: thrown });
}

/** A refusal as the client library throws it, for what is asked without its help. */
export class RefusedError extends Error {
  readonly apiError: ServerRefusal;
  readonly code: number | undefined;

  constructor(refusal: ServerRefusal) {
    super(refusal.description ?? "no reason given");
    this.apiError = refusal;
    this.code = refusal.err_code;
  }
}

/**
 * What the server answers to a publish that it stores: its sequence, or null when another one was expected.
 * @throws {RefusedError} when it was refused for any other reason
 */
export function storedSequence(answer: Msg): number | null {
  const { seq, error } = answer.json<{ seq: number; error?: ServerRefusal }>();
  if (error === undefined) return seq;
  if (refusalKind(error) === "overtaken") return null;
  throw new RefusedError(error);
}

/** What the server said, when that is why the client library threw. */
export function apiRefusal(thrown: unknown): ServerRefusal | undefined {
  if (!(thrown instanceof Error) || !("apiError" in thrown) || !("code" in thrown))
    return undefined;
  const code = typeof thrown.code === "number" ? { err_code: thrown.code } : {};
  return { ...code, description: thrown.message };
}

/** Whether nobody was there to do what was asked, so that it was not done. While a leader is chosen, that passes. */
export function isNobodyThere(thrown: unknown): boolean {
  if (!(thrown instanceof Error) || thrown instanceof AnywireError) return false;
  const refusal = apiRefusal(thrown);
  if (refusal !== undefined) return refusalKind(refusal) === "busy";
  const { cause } = thrown;
  return thrown.name === NO_RESPONDERS || (cause instanceof Error && cause.name === NO_RESPONDERS);
}

/** Whether the stream is not there. */
export function isNoStream(thrown: unknown): boolean {
  return apiRefusal(thrown)?.err_code === NO_STREAM;
}

/** No answer came in time. */
export function noAnswer(what: string): AnywireError {
  return new AnywireError("unavailable", `NATS did not answer in time (${what}); try again`);
}

/** The stream that held the log is gone. */
export function noStream(): AnywireError {
  return new AnywireError(
    "storage_damaged",
    "the log's stream is gone from NATS; restore it from a backup, or start the nodes anew for an empty log",
  );
}
