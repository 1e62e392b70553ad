import {
  type DeliveryDocument,
  type DeliveryPlace,
  deliveryKey,
  openDeliveries,
  type StateStore,
  sortableOffset,
} from "@anywire/core";
import type { QueuedDelivery } from "./delivery-queue.ts";

const PAGE = 500;

/**
 * Which of a connection's open deliveries are in memory: all up to a place in their order. Those behind it wait in the state and
 * come page by page, so a campaign of a million takes no more memory than one of a thousand.
 */
export class OpenWindow {
  readonly #state: StateStore;
  readonly #partition: string;
  readonly #maxDeliveries: number;
  /** What is behind it is not in memory; null when all is. */
  #edge: string | null = "";
  /** The last place that was let in. */
  #last = "";
  /** An entry that the state must have before a page can be the last one. */
  #atLeast: number;

  constructor(
    state: StateStore,
    place: { readonly platform: string; readonly connection: string },
    how: { readonly atLeast: number; readonly maxDeliveries: number },
  ) {
    this.#state = state;
    this.#partition = openDeliveries(place.platform, place.connection);
    this.#atLeast = how.atLeast;
    this.#maxDeliveries = how.maxDeliveries;
  }

  /** Whether a next page would bring more, with so many in memory. */
  wantsMore(size: number): boolean {
    return this.#edge !== null && size <= this.#maxDeliveries / 2;
  }

  /** Whether a delivery that an entry told of comes into memory now; if not, a page brings it later. */
  admits(sort: string, offset: number, size: number): boolean {
    if (this.#edge === null && size >= this.#maxDeliveries) this.#edge = this.#last;
    if (this.#edge !== null && sort > this.#edge) {
      this.#atLeast = Math.max(this.#atLeast, offset);
      return false;
    }
    if (sort > this.#last) this.#last = sort;
    return true;
  }

  /**
   * Takes the next page in, in order. One read at a time. What comes right behind the page is let in only after it: between the two
   * nothing else happens.
   */
  async read(takeIn: (delivery: DeliveryDocument) => void): Promise<void> {
    const asked = this.#atLeast;
    const { items, hasMore } = await this.#state.list({
      partition: this.#partition,
      prefix: "",
      limit: PAGE,
      atLeast: asked,
      ...(this.#edge === null || this.#edge === "" ? {} : { after: this.#edge }),
    });
    const places = items.map(({ value }) => value as DeliveryPlace);
    const documents = await this.#documents(places);
    for (const delivery of documents) takeIn(delivery);
    const last = items.at(-1)?.sort;
    if (last !== undefined) {
      this.#edge = last;
      this.#last = last;
    }
    // What was planned while this was read may be missing in it.
    if (!hasMore && this.#atLeast === asked) this.#edge = null;
  }

  async #documents(places: readonly DeliveryPlace[]): Promise<DeliveryDocument[]> {
    if (places.length === 0) return [];
    const { values } = await this.#state.get(
      places.map(({ channel, id }) => deliveryKey(channel, id)),
    );
    return (values as (DeliveryDocument | undefined)[]).filter(
      (one) => one?.isOpen === true,
    ) as DeliveryDocument[];
  }
}

/** A delivery as it waits, once the state has the entry at that offset. */
export function queuedOf(delivery: DeliveryDocument, atLeast: number): QueuedDelivery {
  const { id, channel, message, participant, address, expiresAt, createdAt } = delivery;
  return {
    id,
    channel,
    sort: `${sortableOffset(delivery.messageOffset)}:${id}`,
    message,
    participant,
    to: address ?? "",
    dueAt: delivery.dueAt ?? 0,
    expiresAt,
    createdAt,
    atLeast,
  };
}
