/** Runs that a worker is given at a time, at most. */
export const MAX_BATCH = 64;

const UNCLAIMED = 0;
const BEGUN = 1;
const TAKEN_BACK = 2;

/**
 * Who has the runs of a batch, in memory that the pool and a worker share: the worker begins a run, or the pool takes it back
 * when the worker is stuck and does not come to it. Never both.
 */
export class Claims {
  readonly #states: Int32Array;

  constructor(memory: SharedArrayBuffer) {
    this.#states = new Int32Array(memory);
  }

  static allocate(): SharedArrayBuffer {
    return new SharedArrayBuffer((MAX_BATCH + 1) * Int32Array.BYTES_PER_ELEMENT);
  }

  /** For the pool, before it sends a batch. */
  reset(): void {
    this.#states.fill(UNCLAIMED, 0, MAX_BATCH);
  }

  /** For the worker: whether it is to begin the run at that place of the batch. */
  begin(place: number): boolean {
    return Atomics.compareExchange(this.#states, place, UNCLAIMED, BEGUN) === UNCLAIMED;
  }

  /** For the pool: whether the run is its own again. */
  takeBack(place: number): boolean {
    return Atomics.compareExchange(this.#states, place, UNCLAIMED, TAKEN_BACK) === UNCLAIMED;
  }

  isBegun(place: number): boolean {
    return Atomics.load(this.#states, place) === BEGUN;
  }

  /** Functions that the worker has begun to load so far. */
  get loading(): number {
    return Atomics.load(this.#states, MAX_BATCH);
  }

  set loading(count: number) {
    Atomics.store(this.#states, MAX_BATCH, count);
  }
}
