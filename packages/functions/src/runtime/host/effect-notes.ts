import type { Effect } from "../run.ts";

/** Notes what runs change whose effects happen, so that they can be compared. */
export class EffectNotes {
  /** By the keys of the runs. */
  readonly #notes = new Map<string, Effect[]>();

  /** Begins to note for a run; false when another run of that key is under way, and nothing could be told apart. */
  begin(key: string): boolean {
    if (this.#notes.has(key)) return false;
    this.#notes.set(key, []);
    return true;
  }

  note(key: string, effect: Effect): void {
    this.#notes.get(key)?.push(effect);
  }

  /** What was noted since. */
  end(key: string): readonly Effect[] {
    const effects = this.#notes.get(key) ?? [];
    this.#notes.delete(key);
    return effects;
  }
}
