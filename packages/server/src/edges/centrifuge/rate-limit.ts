/** What sums of fractions may be off by: whoever waits as long as it was told to is not refused for that. */
const ROUNDING = 1e-6;

/** A bucket of tokens: so many a second on average, so many at once after a rest. */
export class RateLimit {
  readonly #perMs: number;
  readonly #burst: number;
  #left: number;
  #filledAt: number;

  /** @param now milliseconds on a clock that never goes back */
  constructor(perSecond: number, burst: number, now: number) {
    this.#perMs = perSecond / 1000;
    this.#burst = burst;
    this.#left = burst;
    this.#filledAt = now;
  }

  /** Takes one token; returns 0, or the milliseconds until there is one. */
  take(now: number): number {
    this.#left = Math.min(this.#burst, this.#left + (now - this.#filledAt) * this.#perMs);
    this.#filledAt = now;
    if (this.#left < 1 - ROUNDING) return Math.ceil((1 - this.#left) / this.#perMs);
    this.#left -= 1;
    return 0;
  }
}
