/** Lets what is done for the entries of one channel end in the order in which it began, however long each takes. */
export class ChannelOrder {
  /** When what came last on a channel has had its turn; never rejects. */
  readonly #last = new Map<string, Promise<void>>();

  /** Channels that something waits on, or did a moment ago. */
  get size(): number {
    return this.#last.size;
  }

  /**
   * Begins `work` at once and gives its outcome when everything that was run before it on the channel has given its own,
   * whether it failed or not. At once, without a promise, when nothing came before and `work` gives none. `work` is handed
   * what it is about to wait for, if anything, in case it would rather begin later. It must not wait for
   * anything that is run on the channel after it.
   */
  run<T>(
    channel: string,
    work: (before: Promise<void> | undefined) => T | Promise<T>,
  ): T | Promise<T> {
    const before = this.#last.get(channel);
    if (before !== undefined) return this.#keep(channel, outcomeAfter(before, work));
    const outcome = work(undefined);
    return outcome instanceof Promise ? this.#keep(channel, outcome) : outcome;
  }

  #keep<T>(channel: string, turn: Promise<T>): Promise<T> {
    // What became of it is told to who ran it, not to who waits for it.
    const last = turn.then(nothing, nothing);
    this.#last.set(channel, last);
    const forget = (): void => {
      if (this.#last.get(channel) === last) this.#last.delete(channel);
    };
    // Not at once: what has just had its turn goes on before whoever need not wait.
    void last.then(() => void setTimeout(forget));
    return turn;
  }
}

async function outcomeAfter<T>(
  before: Promise<void>,
  work: (before: Promise<void>) => T | Promise<T>,
): Promise<T> {
  const begin = async (): Promise<T> => work(before);
  const outcome = begin();
  // It may fail before its turn, and is told then.
  outcome.catch(nothing);
  await before;
  return outcome;
}

function nothing(): void {}
