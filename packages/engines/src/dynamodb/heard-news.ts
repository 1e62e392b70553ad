import type { Refusal } from "@anywire/core";
import type { PositionNews } from "./change-news.ts";

interface Waiter {
  readonly offset: number;
  readonly resolve: (isHeard: boolean) => void;
}

/** Refusals that are remembered; those of others are in the table. */
const MAX_REFUSALS = 10_000;

/** How far a node has heard the news of projectors, which come after those of the entries themselves. */
export class HeardNews {
  readonly #refusals = new Map<number, Refusal>();
  readonly #waiters = new Set<Waiter>();
  #position: number;
  /** From here on nothing was missed. */
  #since: number;

  /** @param position what the node knows by other means */
  constructor(position: number) {
    this.#position = position;
    this.#since = position;
  }

  /** Takes news. */
  hear({ from, position, refused }: PositionNews): void {
    if (position <= this.#position) return;
    if (from > this.#position) this.#forget(from);
    for (const { offset, code, message } of refused) this.#refusals.set(offset, { code, message });
    if (this.#refusals.size > MAX_REFUSALS) this.#forget(position);
    this.#reach(position);
  }

  /** Does not wait for news any more up to a position. */
  skipTo(position: number): void {
    if (position <= this.#position) return;
    this.#forget(position);
    this.#reach(position);
  }

  /** Resolves when an entry was heard of or skipped, with false when it was not in time. */
  async reach(offset: number, maxWaitMs: number): Promise<boolean> {
    if (offset <= this.#position) return true;
    return await new Promise<boolean>((resolve) => {
      const timer = setTimeout(() => {
        this.#waiters.delete(waiter);
        resolve(false);
      }, maxWaitMs);
      const waiter = {
        offset,
        resolve: (isHeard: boolean) => {
          clearTimeout(timer);
          resolve(isHeard);
        },
      };
      this.#waiters.add(waiter);
    });
  }

  /** Why an entry was refused, undefined when it was not; null when it is not known here. */
  refusalOf(offset: number): Refusal | undefined | null {
    return offset > this.#since && offset <= this.#position ? this.#refusals.get(offset) : null;
  }

  #reach(position: number): void {
    this.#position = position;
    for (const waiter of this.#waiters) {
      if (waiter.offset > position) continue;
      this.#waiters.delete(waiter);
      waiter.resolve(true);
    }
  }

  #forget(since: number): void {
    this.#since = since;
    this.#refusals.clear();
  }
}
