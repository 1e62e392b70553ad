import { startTyping, stopTyping, type TimelineState } from "./timeline-state.ts";

/** A little longer than two signals of someone who goes on typing are apart. */
const LASTS_MS = 3500;

/** Who is typing: whoever is heard to, for a while after each signal. */
export class TypingList {
  readonly #update: (change: (state: TimelineState) => TimelineState) => void;
  readonly #until = new Map<string, number>();

  constructor(update: (change: (state: TimelineState) => TimelineState) => void) {
    this.#update = update;
  }

  /** Someone is heard to be typing. */
  hear(sender: string): void {
    const until = Date.now() + LASTS_MS;
    this.#until.set(sender, until);
    this.#update((s) => startTyping(s, sender));
    setTimeout(() => {
      if (this.#until.get(sender) !== until) return;
      this.#until.delete(sender);
      this.#update((s) => stopTyping(s, sender));
    }, LASTS_MS);
  }
}
