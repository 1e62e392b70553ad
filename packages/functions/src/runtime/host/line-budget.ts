const WINDOW_MS = 60_000;

interface Window {
  readonly endsAt: number;
  lines: number;
  leftOut: number;
}

/** How many lines each writer may still write in a minute. */
export class LineBudget {
  readonly #maxLines: number;
  readonly #windows = new Map<string, Window>();

  constructor(maxLines: number) {
    this.#maxLines = maxLines;
  }

  /** Whether one more line may be written; one that may not is counted. */
  take(writer: string, now: number): boolean {
    const window = this.#windowOf(writer, now);
    if (window.lines < this.#maxLines) {
      window.lines += 1;
      return true;
    }
    window.leftOut += 1;
    return false;
  }

  /** Counts a line that was left out for another reason. */
  leaveOut(writer: string, now: number): void {
    this.#windowOf(writer, now).leftOut += 1;
  }

  /** How many lines were left out of whom, in minutes that are over; `all`: also in one that is not. Each is told once. */
  leftOut(now: number, all = false): readonly (readonly [writer: string, lines: number])[] {
    const told: [string, number][] = [];
    for (const [writer, window] of this.#windows) {
      if (window.endsAt > now && !all) continue;
      if (window.leftOut > 0) told.push([writer, window.leftOut]);
      this.#windows.delete(writer);
    }
    return told;
  }

  /** One that is over goes on until what it left out was told. */
  #windowOf(writer: string, now: number): Window {
    let window = this.#windows.get(writer);
    if (window === undefined || (window.endsAt <= now && window.leftOut === 0)) {
      window = { endsAt: now + WINDOW_MS, lines: 0, leftOut: 0 };
      this.#windows.set(writer, window);
    }
    return window;
  }
}
