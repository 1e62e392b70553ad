/** How old what is known of the server's clock may be, ms. */
const MAX_AGE_MS = 60_000;
/** Of so many looks at the server's clock the quickest counts. */
const LOOKS = 3;
/** By so much a node's two clocks may part before it is taken to have slept, ms. */
const MAX_JUMP_MS = 100;

/**
 * What time it is at a server, whatever this node's clock says. Looked up now and then; in between, this node's own
 * clock counts that is never set back.
 */
export class ServerClock {
  readonly #ask: () => Promise<number>;
  /** What to add to `performance.now`. */
  #offset = 0;
  #lookedAt = Number.NEGATIVE_INFINITY;
  #difference = 0;
  #looking: Promise<void> | null = null;

  /** @param ask the server's time, milliseconds since the Unix epoch */
  constructor(ask: () => Promise<number>) {
    this.#ask = ask;
  }

  /** A time that it surely is at the server: early by as much as the server's answer took to come, never late. */
  async now(): Promise<number> {
    if (this.#isOld()) {
      this.#looking ??= this.#look().finally(() => {
        this.#looking = null;
      });
      await this.#looking;
    }
    return performance.now() + this.#offset;
  }

  /** Has the next question look again, as when the server may be another one. */
  forget(): void {
    this.#lookedAt = Number.NEGATIVE_INFINITY;
  }

  #isOld(): boolean {
    const isAged = performance.now() - this.#lookedAt > MAX_AGE_MS;
    return isAged || Math.abs(clockDifference() - this.#difference) > MAX_JUMP_MS;
  }

  async #look(): Promise<void> {
    let offset = Number.NEGATIVE_INFINITY;
    for (let i = 0; i < LOOKS; i += 1) {
      // The time is from before the answer came.
      offset = Math.max(offset, (await this.#ask()) - performance.now());
    }
    this.#offset = offset;
    this.#lookedAt = performance.now();
    this.#difference = clockDifference();
  }
}

/** The clock of `performance.now` stands still while a machine sleeps, the other does not. */
function clockDifference(): number {
  return Date.now() - performance.now();
}
