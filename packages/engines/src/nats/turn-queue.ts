/** Lets so many at a time; the others wait in the order in which they came. */
export class TurnQueue {
  readonly #most: number;
  readonly #waiting = new Set<() => void>();
  #running = 0;

  constructor(most: number) {
    this.#most = most;
  }

  /** Resolves with true once it is one's turn, and `end` must follow; with false when that took `waitMs`. */
  async take(waitMs: number): Promise<boolean> {
    if (this.#running < this.#most) {
      this.#running += 1;
      return true;
    }
    return await new Promise<boolean>((resolve) => {
      const timer = setTimeout(() => {
        this.#waiting.delete(begin);
        resolve(false);
      }, waitMs);
      const begin = (): void => {
        clearTimeout(timer);
        resolve(true);
      };
      this.#waiting.add(begin);
    });
  }

  /** Ends a turn: the one who has waited longest has it now. */
  end(): void {
    const [next] = this.#waiting;
    if (next === undefined) {
      this.#running -= 1;
      return;
    }
    this.#waiting.delete(next);
    next();
  }
}
