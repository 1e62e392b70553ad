import type { RunError, RunReport } from "../run.ts";
import { DurationHistogram } from "./duration-histogram.ts";
import type { FunctionStats } from "./function-host.ts";

/** What one node counted of a function, as it travels to others. */
export interface CountedRuns {
  readonly runs: number;
  readonly errors: number;
  readonly retries: number;
  readonly differences: number;
  readonly lastRunAt: number | null;
  readonly lastError: FunctionStats["lastError"];
  readonly durations: readonly (readonly [bucket: number, count: number])[];
}

/** A stack is shown as long as this in statistics, characters. */
const MAX_STACK = 1_000;
const MAX_MESSAGE = 500;

/** Counts the runs of one function. */
export class RunCounter {
  readonly #durations = new DurationHistogram();
  #runs = 0;
  #errors = 0;
  #retries = 0;
  #differences = 0;
  #lastRunAt: number | null = null;
  #lastError: FunctionStats["lastError"] = null;

  count({ error, durationMs }: RunReport, attempt: number, at: number): void {
    this.#runs += 1;
    if (attempt > 1) this.#retries += 1;
    this.#durations.add(durationMs);
    this.#lastRunAt = at;
    if (error === undefined) return;
    this.#errors += 1;
    this.#lastError = { ...shortened(error), at };
  }

  countDifference(): void {
    this.#differences += 1;
  }

  /** Adds what another node counted. */
  add(other: CountedRuns): void {
    this.#runs += other.runs;
    this.#errors += other.errors;
    this.#retries += other.retries;
    this.#differences += other.differences;
    this.#durations.addPairs(other.durations);
    if ((other.lastRunAt ?? 0) > (this.#lastRunAt ?? 0)) this.#lastRunAt = other.lastRunAt;
    if ((other.lastError?.at ?? 0) > (this.#lastError?.at ?? 0)) this.#lastError = other.lastError;
  }

  toCounted(): CountedRuns {
    return {
      runs: this.#runs,
      errors: this.#errors,
      retries: this.#retries,
      differences: this.#differences,
      lastRunAt: this.#lastRunAt,
      lastError: this.#lastError,
      durations: this.#durations.toPairs(),
    };
  }

  toStats(): FunctionStats {
    const { durations: _, ...counted } = this.toCounted();
    return {
      ...counted,
      p50Ms: this.#durations.quantile(0.5),
      p99Ms: this.#durations.quantile(0.99),
    };
  }
}

function shortened({ failure, message, stack }: RunError): RunError {
  const short = { failure, message: message.slice(0, MAX_MESSAGE) };
  return stack === undefined ? short : { ...short, stack: stack.slice(0, MAX_STACK) };
}
