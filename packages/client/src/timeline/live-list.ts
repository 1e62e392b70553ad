/**
 * A list that is read from the server while changes of it come in by themselves: those that came meanwhile are applied
 * on top of it, and of two lists on their way the newer one counts.
 */
export class LiveList<State> {
  readonly #update: (change: (state: State) => State) => void;
  #meanwhile: ((state: State) => State)[] | undefined;

  constructor(update: (change: (state: State) => State) => void) {
    this.#update = update;
  }

  /** A change that came in by itself. */
  change(change: (state: State) => State): void {
    this.#meanwhile?.push(change);
    this.#update(change);
  }

  /** Reads the list. Failing, everything stays as it is: the next connection reads it anew. */
  async read(ask: () => Promise<(state: State) => State>): Promise<void> {
    const meanwhile: ((state: State) => State)[] = [];
    this.#meanwhile = meanwhile;
    const answer = await ask().catch(() => undefined);
    if (this.#meanwhile !== meanwhile) return;
    this.#meanwhile = undefined;
    if (answer === undefined) return;
    this.#update((state) => meanwhile.reduce((next, change) => change(next), answer(state)));
  }
}
