import type { PoolRun } from "./pool-run.ts";

/** Runs that wait, in the order of their calls; those that were taken back come first. */
export class RunQueue {
  readonly #again: PoolRun[] = [];
  #waiting: PoolRun[] = [];
  #head = 0;
  #size = 0;

  get size(): number {
    return this.#size;
  }

  push(run: PoolRun): void {
    this.#waiting.push(run);
    this.#size += 1;
  }

  /** Runs come back in their order, before all others. */
  putBack(runs: readonly PoolRun[]): void {
    this.#again.push(...runs.toReversed());
    this.#size += runs.length;
  }

  /** A run that waits here ended by itself. */
  forget(): void {
    this.#size -= 1;
  }

  shift(): PoolRun | undefined {
    for (;;) {
      const run = this.#again.pop() ?? this.#shiftWaiting();
      if (run?.isOver) continue;
      if (run !== undefined) this.#size -= 1;
      return run;
    }
  }

  #shiftWaiting(): PoolRun | undefined {
    const run = this.#waiting[this.#head];
    if (run === undefined) return undefined;
    this.#head += 1;
    if (this.#head === this.#waiting.length || this.#head > 1_024) {
      this.#waiting = this.#waiting.slice(this.#head);
      this.#head = 0;
    }
    return run;
  }
}
