import type { FunctionContext } from "./context.ts";
import type { EventInputs, PublishKind } from "./events.ts";
import type { FunctionResult } from "./results.ts";
import type { BeforeTrigger, ChannelTrigger, Trigger } from "./trigger.ts";

/** What a before function's failure means for what it was run for: refused, or passed on as it was. */
export type FailurePolicy = "deny" | "allow";

/** How a function is run. What is absent is as the configuration says. */
export interface FunctionOptions {
  /** How long a run may take, ms, 1 to 300,000. */
  readonly deadlineMs?: number;
  /** Of a before function; default `deny`. */
  readonly onFailure?: FailurePolicy;
  /** Which entries a publish function is run for. Default messages and their edits. */
  readonly kinds?: readonly PublishKind[];
  /** Attempts before an event of an after function becomes a dead letter, 1 to 100. Default 8. */
  readonly maxAttempts?: number;
  /** Wait before the second attempt, ms, 1 to 86,400,000; doubles with each one. Default 200. */
  readonly minBackoffMs?: number;
  /** The longest wait between two attempts, ms, 1 to 86,400,000. Default 60,000. */
  readonly maxBackoffMs?: number;
  /** Of an HTTP function: whether a request needs a token of an account. Default `token`. */
  readonly auth?: "token" | "none";
  /** Of an HTTP function or a schedule: the platform it works on. Default `functions.platform` of the configuration. */
  readonly platform?: string;
  /** Of a cron schedule: an IANA time zone. Default UTC. */
  readonly timeZone?: string;
}

/** What is known of a function without its code: it travels between threads and nodes. */
export interface FunctionDescription {
  /** That of its file, without the ending: 1 to 48 letters, digits, `_` or `-`. */
  readonly name: string;
  readonly trigger: Trigger;
  /** A channel pattern; `GET /tickets/:id` of an HTTP function; the interval in ms; the cron expression. */
  readonly binding: string;
  readonly options: FunctionOptions;
  /** Its file, from the directory of the functions. */
  readonly file: string;
}

/** What makes a function run, and how it is run. */
export type Bound = Pick<FunctionDescription, "trigger" | "binding" | "options">;

/** Marks a definition. The same in every copy of this package: an author's may be another than the server's. */
export const DEFINITION: unique symbol = Symbol.for("@anywire/functions/definition");

/**
 * What an author's file exports: made by `beforePublish` and the like. `K` is the trigger; the handler gets an event
 * that was made from plain data by `createEvent`.
 */
export interface FunctionDefinition<K extends Trigger = Trigger> {
  readonly [DEFINITION]: true;
  readonly trigger: K;
  /** As in {@link FunctionDescription}. */
  readonly binding: string;
  readonly options: FunctionOptions;
  /**
   * Runs it on an event as data, whose message may be changed by it. Rejects with what the author's code threw, or
   * `FunctionFault` for a result that is none.
   */
  run(input: EventInputs[K], context: FunctionContext): Promise<FunctionResult>;
}

/** Whether a value was made by `beforePublish` and the like, of this copy of the package or another. */
export function isFunctionDefinition(value: unknown): value is FunctionDefinition {
  return typeof value === "object" && value !== null && DEFINITION in value;
}

/** Whether a trigger is bound to a channel pattern. */
export function isChannelTrigger(trigger: Trigger): trigger is ChannelTrigger {
  return trigger !== "onRequest" && trigger !== "onInterval" && trigger !== "onCron";
}

/** Whether a trigger stands in the way of what it is run for. */
export function isBeforeTrigger(trigger: Trigger): trigger is BeforeTrigger {
  return trigger === "beforePublish" || trigger === "beforeSignal";
}
