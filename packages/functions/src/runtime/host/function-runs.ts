import { isBeforeTrigger } from "../../author/definition.ts";
import type { EventInputs } from "../../author/events.ts";
import { FunctionFault } from "../../author/function-fault.ts";
import type { FunctionResult } from "../../author/results.ts";
import type { Trigger } from "../../author/trigger.ts";
import type { Effects, LogLine, RunError, RunReport, RunRequest } from "../run.ts";
import type { EffectNotes } from "./effect-notes.ts";
import type { Deadlines, FunctionHostOptions } from "./function-host.ts";
import type { FunctionLog, LogOrigin } from "./function-log.ts";
import type { BoundFunction } from "./function-table.ts";
import { isAfterTrigger } from "./happenings.ts";
import { toLogFields } from "./log-fields.ts";
import type { Redact } from "./redact.ts";
import { isSameOutcome, type RunOutcome, showOutcome, toOutcome } from "./run-outcome.ts";
import type { SharedStats } from "./shared-stats.ts";

/** A run to do. */
export interface RunJob<K extends Trigger = Trigger> {
  readonly bound: BoundFunction;
  readonly event: EventInputs[K];
  readonly platform: string;
  readonly channel?: string;
  /** As in `RunRequest`. */
  readonly key: string;
  /** What a failure means, for the function's log; default that it failed. */
  readonly onFailure?: FailureMeaning;
}

/** What follows from a failure, to be read behind the function's name: `attempt 2 of 8 failed; it is tried again`. */
export interface FailureMeaning {
  readonly level: "warn" | "error";
  readonly text: string;
}

/** What a result means for what the function was run for. Throws `FunctionFault` for a result that means nothing there. */
export type Settle<T> = (result: FunctionResult) => T;

/** What came of a run: what its result means, or why there is none. */
export type Settled<T> = { readonly value: T } | { readonly error: RunError };

/** What runs need. */
export interface FunctionRunsOptions {
  readonly deadlines: Deadlines;
  readonly log: FunctionLog;
  readonly stats: SharedStats;
  readonly notes: EffectNotes;
  readonly redact: Redact;
  readonly onRun?: FunctionHostOptions["onRun"];
}

/** Shadow runs at a time; what comes while there are as many is not compared. */
const MAX_SHADOW_RUNS = 256;
const FAILED: FailureMeaning = { level: "error", text: "failed" };
/** Of what runs after something: it is no attempt. */
const STOPPED: FailureMeaning = { level: "warn", text: "was stopped, and is run again" };

/**
 * Runs functions, and does what follows from every run, whatever it is for: counts it, logs what it said and why it failed, and
 * compares it with the shadow revision's, which is run when it is done.
 */
export class FunctionRuns {
  readonly #options: FunctionRunsOptions;
  readonly #shadowRuns = new Set<Promise<void>>();

  constructor(options: FunctionRunsOptions) {
    this.#options = options;
  }

  /** Runs a function live. Never rejects but for what `settle` throws and is no `FunctionFault`. */
  async run<K extends Trigger, T>(job: RunJob<K>, settle: Settle<T>): Promise<Settled<T>> {
    const { bound, key } = job;
    const { notes } = this.#options;
    const isNoted = bound.shadow !== undefined && notes.begin(key);
    const startedAt = Date.now();
    const report = await bound.pool.run(this.#request(job, "live"));
    const effects = isNoted ? notes.end(key) : [];
    const settled = settleReport(report, settle);
    const told = this.#hideSecrets(
      "error" in settled ? { ...withoutResult(report), error: settled.error } : report,
    );
    this.#follow(job, told, startedAt);
    if (isNoted && wasRun(report)) this.#runShadow(job, toOutcome(report, effects));
    return told.error === undefined ? settled : { error: told.error };
  }

  /** Runs a function once and tells all that came of it. With its effects discarded it is neither counted nor logged. */
  async trial<K extends Trigger>(job: RunJob<K>, effects: Effects): Promise<RunReport> {
    const startedAt = Date.now();
    const report = this.#hideSecrets(await job.bound.pool.run(this.#request(job, effects)));
    if (effects === "live") this.#follow(job, report, startedAt);
    return report;
  }

  /** Resolves when all shadow runs are done. */
  async close(): Promise<void> {
    await Promise.all(this.#shadowRuns);
  }

  #request<K extends Trigger>(
    { bound, event, platform, key }: RunJob<K>,
    effects: Effects,
  ): RunRequest<K> {
    const { name } = bound.description;
    const deadlineMs = this.#deadlineOf(bound);
    return { name, event, platform, trace: event.trace, deadlineMs, effects, key };
  }

  #deadlineOf({ description: { trigger, options } }: BoundFunction): number {
    const { beforeMs, afterMs, requestMs, scheduleMs } = this.#options.deadlines;
    if (options.deadlineMs !== undefined) return options.deadlineMs;
    if (trigger === "onRequest") return requestMs;
    if (trigger === "onInterval" || trigger === "onCron") return scheduleMs;
    return isBeforeTrigger(trigger) ? beforeMs : afterMs;
  }

  #follow(job: RunJob, report: RunReport, startedAt: number, isShadow = false): void {
    const { bound, event, platform, channel } = job;
    const { name, trigger } = bound.description;
    const { stats, onRun } = this.#options;
    if (!isShadow) stats.of(name).count(report, event.attempt, startedAt);
    if (report.lines.length > 0 || report.error !== undefined) this.#log(job, report);
    onRun?.({
      name,
      trigger,
      platform,
      ...(channel === undefined ? {} : { channel }),
      traceId: event.trace.id,
      attempt: event.attempt,
      startedAt: startedAt + report.queuedMs,
      report,
      isShadow,
    });
  }

  #log(job: RunJob, { lines, error }: RunReport): void {
    const { log } = this.#options;
    const origin = originOf(job);
    for (const line of lines) log.add(origin, line);
    if (error === undefined) return;
    const { failure, message, stack } = error;
    const isAgain = failure === "stopped" && isAfterTrigger(job.bound.description.trigger);
    const { level, text } = isAgain ? STOPPED : (job.onFailure ?? FAILED);
    log.add(origin, {
      level,
      text: `${text}: ${message}`,
      at: Date.now(),
      error: stack === undefined ? { failure } : { failure, stack },
    });
  }

  #runShadow(job: RunJob, active: RunOutcome): void {
    const { shadow } = job.bound;
    if (shadow === undefined || this.#shadowRuns.size >= MAX_SHADOW_RUNS) return;
    const run = this.#compare({ ...job, bound: shadow, onFailure: FAILED }, active);
    this.#shadowRuns.add(run);
    void run.finally(() => this.#shadowRuns.delete(run));
  }

  async #compare(job: RunJob, active: RunOutcome): Promise<void> {
    const { log, stats } = this.#options;
    const startedAt = Date.now();
    const report = await job.bound.pool.run(this.#request(job, "discard"));
    if (!wasRun(report)) return;
    this.#follow(job, this.#hideSecrets(report), startedAt, true);
    const shadow = toOutcome(report, report.effects);
    if (isSameOutcome(active, shadow)) return;
    const { name } = job.bound.description;
    stats.of(name).countDifference();
    log.add(originOf(job), {
      level: "warn",
      text: `came out otherwise in the shadow revision ${job.bound.pool.revision}`,
      at: Date.now(),
      fields: { active: showOutcome(active), shadow: showOutcome(shadow) },
    });
  }

  #hideSecrets(report: RunReport): RunReport {
    const { redact } = this.#options;
    const { error, lines } = report;
    if (error === undefined && lines.length === 0) return report;
    return {
      ...report,
      lines: lines.map((line) => hideInLine(line, redact)),
      ...(error === undefined ? {} : { error: hideIn(error, redact) }),
    };
  }
}

/** Whether there was room and time for a run: what came of one that was not begun says nothing about its function. */
function wasRun({ error }: RunReport): boolean {
  return error?.failure !== "queue_full" && error?.failure !== "stopped";
}

/** What a result means, or why it means nothing. */
function settleReport<T>({ result, error }: RunReport, settle: Settle<T>): Settled<T> {
  if (error !== undefined) return { error };
  if (result === undefined)
    return { error: { failure: "bad_result", message: "there is no result" } };
  try {
    return { value: settle(result) };
  } catch (thrown) {
    if (!(thrown instanceof FunctionFault)) throw thrown;
    return { error: { failure: thrown.failure, message: thrown.message } };
  }
}

function withoutResult({ result: _, ...report }: RunReport): RunReport {
  return report;
}

function hideIn({ failure, message, stack }: RunError, redact: Redact): RunError {
  const hidden = { failure, message: redact(message) };
  return stack === undefined ? hidden : { ...hidden, stack: redact(stack) };
}

function hideInLine({ fields, ...line }: LogLine, redact: Redact): LogLine {
  const hidden = { ...line, text: redact(line.text) };
  return fields === undefined ? hidden : { ...hidden, fields: toLogFields(fields, redact) };
}

function originOf({ bound, event, platform, channel }: RunJob): LogOrigin {
  return {
    platform,
    function: bound.description.name,
    revision: bound.pool.revision,
    run: crypto.randomUUID(),
    trace: event.trace,
    attempt: event.attempt,
    ...(channel === undefined ? {} : { channel }),
  };
}
