import {
  type DeliveryDocument,
  type DeliveryPlace,
  deliveryKey,
  openDeliveries,
  type StateStore,
  sortableOffset,
} from "@anywire/core";
import { dueAtOf, type QueuedDelivery } from "./delivery-queue.ts";

const PAGE = 500;

/** Where a window's deliveries go. */
export interface WindowSink {
  /** How many are there. */
  readonly size: number;
  /** Takes one in, once the state has the entry at that offset. What is there already stays as it is. */
  takeIn(delivery: DeliveryDocument, atLeast: number): void;
}

/**
 * Which of a connection's open deliveries are in memory: all up to a place in their order. Those behind it wait in the state and
 * come page by page, so a campaign of a million takes no more memory than one of a thousand.
 */
export class OpenWindow {
  readonly #state: StateStore;
  readonly #partition: string;
  readonly #maxDeliveries: number;
  readonly #sink: WindowSink;
  /** What is behind it is not in memory; null when all is. */
  #edge: string | null = "";
  /** The last place that was let in. */
  #last = "";
  /** An entry that the state must have before a page can be the last one. */
  #atLeast: number;
  #isReading = false;
  /** What was told while a page was read: the page may lack it, and lie behind it all the same. */
  #told: { readonly delivery: DeliveryDocument; readonly offset: number }[] = [];

  constructor(
    state: StateStore,
    place: { readonly platform: string; readonly connection: string },
    how: { readonly atLeast: number; readonly maxDeliveries: number },
    sink: WindowSink,
  ) {
    this.#state = state;
    this.#partition = openDeliveries(place.platform, place.connection);
    this.#atLeast = how.atLeast;
    this.#maxDeliveries = how.maxDeliveries;
    this.#sink = sink;
  }

  /** Whether a next page would bring more, with so many in memory. */
  wantsMore(size: number): boolean {
    return this.#edge !== null && size <= this.#maxDeliveries / 2;
  }

  /** An entry tells that a delivery waits: it comes into memory now, or later with a page. */
  offer(delivery: DeliveryDocument, offset: number): void {
    if (this.#isReading) this.#told.push({ delivery, offset });
    else if (this.#admits(placeOf(delivery), offset)) this.#sink.takeIn(delivery, offset);
  }

  /** Takes the next page in, in order. One read at a time. */
  async read(): Promise<void> {
    this.#isReading = true;
    try {
      await this.#readPage();
    } finally {
      this.#isReading = false;
      // In the same breath: whatever is told next must find these before it.
      for (const { delivery, offset } of this.#told.splice(0)) this.offer(delivery, offset);
    }
  }

  #admits(sort: string, offset: number): boolean {
    if (this.#edge === null && this.#sink.size >= this.#maxDeliveries) this.#edge = this.#last;
    if (this.#edge !== null && sort > this.#edge) {
      this.#atLeast = Math.max(this.#atLeast, offset);
      return false;
    }
    if (sort > this.#last) this.#last = sort;
    return true;
  }

  async #readPage(): Promise<void> {
    const { items, hasMore } = await this.#state.list({
      partition: this.#partition,
      prefix: "",
      limit: PAGE,
      atLeast: this.#atLeast,
      ...(this.#edge === null || this.#edge === "" ? {} : { after: this.#edge }),
    });
    const places = items.map(({ value }) => value as DeliveryPlace);
    for (const delivery of await this.#documents(places)) this.#sink.takeIn(delivery, 0);
    const last = items.at(-1)?.sort;
    if (last !== undefined) {
      this.#edge = last;
      this.#last = last;
    }
    if (!hasMore) this.#edge = null;
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
    sort: placeOf(delivery),
    message,
    participant,
    to: address ?? "",
    dueAt: dueAtOf(delivery),
    expiresAt,
    createdAt,
    atLeast,
  };
}

/** The place among the open deliveries of the connection. */
function placeOf({ messageOffset, id }: DeliveryDocument): string {
  return `${sortableOffset(messageOffset)}:${id}`;
}
