/** Something that has messages to write at the end of this turn. */
export interface Flushable {
  flush(): void;
}

/**
 * Collects who has something to write and has each write it once, in one frame, when the events of this
 * turn of the event loop are done. No message waits for a timer.
 */
export class Turn {
  #waiting: Flushable[] = [];
  readonly #afterwards: () => void;
  readonly #end = (): void => this.#flushAll();

  /** @param afterwards called after each turn's writes */
  constructor(afterwards: () => void) {
    this.#afterwards = afterwards;
  }

  /** Has it flushed at the end of this turn. Call it once a turn for each. */
  add(flushable: Flushable): void {
    if (this.#waiting.length === 0) setImmediate(this.#end);
    this.#waiting.push(flushable);
  }

  #flushAll(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const flushable of waiting) flushable.flush();
    this.#afterwards();
  }
}
