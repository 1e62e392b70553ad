import type { EntryTrace } from "@anywire/types";

/**
 * Runs that something waits for. What they send is not held up by what waits: it would never arrive, and neither would
 * what waits.
 */
export class RunsInTheWay {
  /** How many are under way, by their keys: one that is sent twice at once has the same. */
  readonly #underWay = new Map<string, number>();
  readonly #traces = new WeakSet<EntryTrace>();

  begin(key: string): void {
    this.#underWay.set(key, (this.#underWay.get(key) ?? 0) + 1);
  }

  end(key: string): void {
    const left = (this.#underWay.get(key) ?? 1) - 1;
    if (left === 0) this.#underWay.delete(key);
    else this.#underWay.set(key, left);
  }

  /** A run is about to send what has this trace, the very object. */
  onSend(trace: EntryTrace, key: string): void {
    if (this.#underWay.has(key)) this.#traces.add(trace);
  }

  /** Whether what has this trace was sent by such a run. */
  hasSent(trace: EntryTrace): boolean {
    return this.#traces.has(trace);
  }
}
