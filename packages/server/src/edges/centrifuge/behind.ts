import type { Hub, Subscriber, Subscription } from "@anywire/core";

/** How long until what was missed is read again after that was not possible, ms. */
const READ_AGAIN_MS = 500;

/** The subscriptions of one connection that have missed something. There is none as long as they have everything. */
export class Behind {
  readonly #waiting = new Set<Subscription>();
  /** Those of which what they missed can't be read for now. */
  readonly #stalled = new Set<Subscription>();
  #isBusy = false;
  /** When those are tried again, on the wheel's clock; `Infinity` while there are none. */
  readAgainAt: number = Number.POSITIVE_INFINITY;

  get isEmpty(): boolean {
    return !this.#isBusy && this.#waiting.size === 0 && this.#stalled.size === 0;
  }

  /** One has missed something. */
  add(subscription: Subscription): void {
    this.#waiting.add(subscription);
  }

  /** One is over. */
  delete(subscription: Subscription): void {
    this.#waiting.delete(subscription);
    this.#stalled.delete(subscription);
  }

  /** What one has missed can't be read for now. */
  stall(subscription: Subscription, now: number): void {
    this.#stalled.add(subscription);
    this.readAgainAt = Math.min(this.readAgainAt, now + READ_AGAIN_MS);
  }

  /** Has those that stalled wait for their turn again. */
  readAgain(): void {
    for (const subscription of this.#stalled) this.#waiting.add(subscription);
    this.#stalled.clear();
    this.readAgainAt = Number.POSITIVE_INFINITY;
  }

  /**
   * Catches them up while the connection takes more. What has to be read is read for one after the other, since each may have
   * a page in hand; the others do not wait for that.
   */
  async catchUp(
    hub: Pick<Hub, "catchUp">,
    connection: Pick<Subscriber, "isFull"> & { readonly isClosed: boolean },
  ): Promise<void> {
    for (const subscription of this.#waiting) {
      if (connection.isFull || connection.isClosed) return;
      if (!subscription.isAtHand) continue;
      this.#waiting.delete(subscription);
      void hub.catchUp(subscription);
    }
    if (this.#isBusy) return;
    this.#isBusy = true;
    for (const subscription of this.#waiting) {
      if (connection.isFull || connection.isClosed) break;
      this.#waiting.delete(subscription);
      await hub.catchUp(subscription);
    }
    this.#isBusy = false;
  }
}
