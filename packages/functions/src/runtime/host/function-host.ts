import type {
  AfterSignal,
  BeforePublish,
  BeforeSignal,
  DeadLetter,
  KeyValueStore,
  Log,
  Operations,
  Pipeline,
  Presence,
} from "@anywire/core";
import type { AnywireError, ChannelTypeRegistry } from "@anywire/types";
import type { FunctionDescription } from "../../author/definition.ts";
import type { EventInputs, PresenceEventInput } from "../../author/events.ts";
import type { ResponseResult } from "../../author/results.ts";
import type { Trigger } from "../../author/trigger.ts";
import type { CreateFunctionPool, PoolLimits, PoolStats } from "../pool/function-pool.ts";
import type { Effects, RunError, RunReport } from "../run.ts";
import type { Deployment } from "./deployment.ts";

/** How long a run may take where its function says nothing, ms. */
export interface Deadlines {
  /** Of a function that runs before something. */
  readonly beforeMs: number;
  readonly afterMs: number;
  readonly requestMs: number;
  /** Of `onInterval` and `onCron`. */
  readonly scheduleMs: number;
}

/** The limits of a host. */
export interface HostLimits {
  readonly pool: PoolLimits;
  readonly deadlines: Deadlines;
  /** Functions that may follow from one message, one after the other. */
  readonly maxHops: number;
  /** Keys that the functions of one platform may keep. */
  readonly maxKeys: number;
  /** Lines that the runs of one function may log in a minute. */
  readonly maxLogLinesPerMinute: number;
  /** Largest answer of an HTTP function, bytes. */
  readonly maxResponseBytes: number;
}

/** What a host needs. */
export interface FunctionHostOptions {
  readonly log: Log;
  readonly kv: KeyValueStore;
  readonly presence: Presence;
  readonly limits: HostLimits;
  /** By name. */
  readonly secrets: Readonly<Record<string, string>>;
  /** The platform of HTTP functions and schedules that name none. */
  readonly defaultPlatform: string;
  /** The types of channels that a function may reroute to. Default the built-in ones. */
  readonly channelTypes?: ChannelTypeRegistry;
  readonly createPool: CreateFunctionPool;
  /** Whether this process runs after functions and schedules; others only run what stands in the way of a message, and HTTP functions. */
  readonly runsAfter: boolean;
  /** Told what nobody else is told, once. */
  readonly onError: (error: AnywireError) => void;
  /** Told of each run, for metrics and spans. Must not throw. */
  readonly onRun?: (run: FinishedRun) => void;
}

/** A run that came to its end. */
export interface FinishedRun {
  readonly name: string;
  readonly trigger: Trigger;
  readonly platform: string;
  readonly channel?: string;
  /** The id of the entry that all began with. */
  readonly traceId: string;
  readonly attempt: number;
  /** Milliseconds since the Unix epoch. */
  readonly startedAt: number;
  readonly report: RunReport;
  readonly isShadow: boolean;
}

/** A request under `/functions/`. */
export interface HostRequest {
  readonly method: string;
  /** After `/functions`, such as `/tickets/7`. */
  readonly path: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: () => Promise<Uint8Array>;
  /** Who asks; rejects with `unauthenticated` when there is no good token. */
  readonly authenticate: () => Promise<{ readonly accountId: string; readonly platform: string }>;
  readonly clientAddress: string;
}

/** How a function does, since this process began. */
export interface FunctionStats {
  readonly runs: number;
  readonly errors: number;
  readonly retries: number;
  /** Runs that came out otherwise in the shadow revision. */
  readonly differences: number;
  /** Null before the first run. Ms; 5 % exact. */
  readonly p50Ms: number | null;
  readonly p99Ms: number | null;
  /** Milliseconds since the Unix epoch. */
  readonly lastRunAt: number | null;
  readonly lastError: (RunError & { readonly at: number }) | null;
}

/** A function that is there, and how it does on all nodes. */
export interface FunctionStatus extends FunctionDescription {
  readonly revision: string;
  readonly state: "running" | "disabled";
  readonly stats: FunctionStats;
  /** Events that wait for an after function, when this process works them; else null. */
  readonly lag: number | null;
}

/** What became of dead letters that were handled again. */
export interface Replayed {
  readonly replayed: number;
  readonly failed: number;
  /** Whether another process works the consumer, so that nothing was done here. */
  readonly isElsewhere: boolean;
}

/** How to try a function. */
export interface Trial {
  /** Default `discard`. */
  readonly effects?: Effects;
  /** An event as data; what is absent gets a value that fits the function. */
  readonly event: Partial<EventInputs[Trigger]>;
}

/**
 * Runs the functions of a deployment: in the way of messages and signals, after them, at requests, at times. The one place between
 * the pools and everything else.
 */
export interface FunctionHost {
  /** Steps of the pipeline. Where no function is bound they return what they got, at once. */
  readonly beforePublish: BeforePublish;
  readonly beforeSignal: BeforeSignal;
  readonly afterSignal: AfterSignal;
  /** Whether any function runs before entries on a channel are stored. Costs one look-up. */
  isInTheWayOf(channel: string): boolean;
  /** A connection of this node came or left: kept for functions that are bound to it. Resolves when it is. */
  onPresence(
    event: Pick<PresenceEventInput, "action" | "channel" | "accountId" | "client">,
  ): Promise<void>;
  /** What functions act by. Called once, before `start`. */
  bind(actions: { readonly pipeline: Pipeline; readonly operations: Operations }): void;
  start(): Promise<void>;
  /**
   * Runs this from now on, in place of what ran. Resolves when it does.
   * Rejects with `FunctionBuildError` when a revision cannot be loaded; what ran goes on then.
   */
  deploy(deployment: Deployment): Promise<void>;
  /** Answers a request; undefined when no function is bound to its path. */
  request(request: HostRequest): Promise<ResponseResult | undefined>;
  /** Runs one function once, beside everything. @throws {AnywireError} `not_found` */
  trial(name: string, trial: Trial): Promise<RunReport>;
  list(): Promise<readonly FunctionStatus[]>;
  /** Events that an after function was given up on. @throws {AnywireError} `not_found` */
  deadLetters(name: string, after: number, limit: number): Promise<readonly DeadLetter[]>;
  /** Handles one dead letter once more, or all of a function. @throws {AnywireError} `not_found` */
  replay(name: string, offset?: number): Promise<Replayed>;
  /** Of all pools. */
  stats(): PoolStats;
  /**
   * Hands consumers back, lets runs come to their end, ends the workers. What is not done within that time, ms, is over as
   * `stopped`, and what ran after something is run again elsewhere. A second call waits for the first.
   */
  close(withinMs?: number): Promise<void>;
}
