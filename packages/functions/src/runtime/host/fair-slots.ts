/** What a run is counted by, and who waits. */
interface Line {
  busy: number;
  readonly waiting: (() => void)[];
}

/**
 * Lets a number of runs be under way at a time, and of one function no more than its share, so that one that is slow leaves
 * room for the others. Those that wait have their turn one function after the other.
 */
export class FairSlots {
  readonly #total: number;
  readonly #share: number;
  /** By name, those whose turn is longest ago first. */
  readonly #lines = new Map<string, Line>();
  #busy = 0;
  #waiting = 0;

  constructor(total: number, share: number) {
    this.#total = Math.max(1, total);
    this.#share = Math.max(1, share);
  }

  /** Takes a slot: at once when nothing is returned, otherwise when the promise resolves. */
  take(name: string): Promise<void> | undefined {
    const line = this.#lineOf(name);
    if (this.#busy < this.#total && line.busy < this.#share) {
      this.#begin(line);
      return undefined;
    }
    this.#waiting += 1;
    return new Promise((resolve) => void line.waiting.push(resolve));
  }

  /** Gives a slot back. */
  free(name: string): void {
    this.#busy -= 1;
    const line = this.#lineOf(name);
    line.busy -= 1;
    if (line.busy === 0 && line.waiting.length === 0) this.#lines.delete(name);
    if (this.#waiting > 0) this.#wakeNext();
  }

  #wakeNext(): void {
    for (const [name, line] of this.#lines) {
      if (line.busy >= this.#share) continue;
      const wake = line.waiting.shift();
      if (wake === undefined) continue;
      this.#waiting -= 1;
      this.#lines.delete(name);
      this.#lines.set(name, line);
      this.#begin(line);
      wake();
      return;
    }
  }

  #begin(line: Line): void {
    line.busy += 1;
    this.#busy += 1;
  }

  #lineOf(name: string): Line {
    let line = this.#lines.get(name);
    if (line === undefined) {
      line = { busy: 0, waiting: [] };
      this.#lines.set(name, line);
    }
    return line;
  }
}
