/** How long handled entries may go unsaved when few consumers work, so that a busy one costs few commits. */
const SAVE_EVERY_MS = 50;
/** Consumers saved at once. When more have something to save, they take turns. */
const MAX_SAVES = 32;

/** When the consumers of one node save where they are: in turns, under one timer, so that many of them are not as many writes. */
export class ConsumerSaves {
  /** What to call, longest waiting first. */
  readonly #waiting = new Set<() => void>();
  #timer: NodeJS.Timeout | undefined;

  /** Calls `save` within a moment, once however often it is asked to. */
  request(save: () => void): void {
    this.#waiting.add(save);
    this.#timer ??= setTimeout(() => this.#saveSome(), SAVE_EVERY_MS);
  }

  /** Does not call it any more. */
  cancel(save: () => void): void {
    this.#waiting.delete(save);
    if (this.#waiting.size === 0) this.#rest();
  }

  #saveSome(): void {
    this.#rest();
    const due = [...this.#waiting].slice(0, MAX_SAVES);
    for (const save of due) this.#waiting.delete(save);
    if (this.#waiting.size > 0) this.#timer = setTimeout(() => this.#saveSome(), SAVE_EVERY_MS);
    for (const save of due) save();
  }

  #rest(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }
}
