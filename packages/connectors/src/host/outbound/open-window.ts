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
  /**
   * Takes one in, once the state has the entry at that offset that told of it; 0: a page brought it. What is there already stays as
   * it is.
   */
  takeIn(delivery: DeliveryDocument, atLeast: number): void;
}

/** A delivery that waits, and the entry that told of it. */
interface Told {
  readonly delivery: DeliveryDocument;
  readonly offset: number;
}

/** What was told and is left to a page is forgotten in such portions. */
const MANY_LEFT = 5_000;

/**
 * Which of a connection's open deliveries are in memory: all up to a place in their order. Those behind it wait in the state and
 * come page by page, so a campaign of a million takes no more memory than one of a thousand.
 *
 * The state is ahead of what entries have told of so far, and channels are not told of in one order. So a page brings only what
 * was told before, and what was not will be told: a channel's deliveries come in their order by either way.
 */
export class OpenWindow {
  readonly #state: StateStore;
  readonly #partition: string;
  readonly #maxDeliveries: number;
  readonly #toldUpTo: () => Promise<number>;
  readonly #sink: WindowSink;
  /** What is behind it is not in memory; null when all is. */
  #edge: string | null = "";
  /** The last place that was let in. */
  #last = "";
  #isReading = false;
  #isForgetting = false;
  /** What was told while a page was read. */
  #told: Told[] = [];
  /** By id, what was told, and left to a page, after entries that may not have been told yet. */
  readonly #left = new Map<string, Told>();

  constructor(
    state: StateStore,
    place: { readonly platform: string; readonly connection: string },
    how: {
      readonly maxDeliveries: number;
      /** All entries up to there were told, here or to who worked before. */
      readonly toldUpTo: () => Promise<number>;
    },
    sink: WindowSink,
  ) {
    this.#state = state;
    this.#partition = openDeliveries(place.platform, place.connection);
    this.#maxDeliveries = how.maxDeliveries;
    this.#toldUpTo = how.toldUpTo;
    this.#sink = sink;
  }

  /** Whether a next page would bring more, with so many in memory. */
  wantsMore(size: number): boolean {
    return this.#edge !== null && size <= this.#maxDeliveries / 2;
  }

  /** An entry tells that a delivery waits: it comes into memory now, or later with a page. */
  offer(delivery: DeliveryDocument, offset: number): void {
    const told = { delivery, offset };
    if (this.#isReading) this.#told.push(told);
    else if (this.#admits(placeOf(delivery))) this.#sink.takeIn(delivery, offset);
    else {
      this.#left.set(delivery.id, told);
      if (this.#left.size > MANY_LEFT) void this.#forget();
    }
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

  #admits(sort: string): boolean {
    if (this.#edge === null && this.#sink.size >= this.#maxDeliveries) this.#edge = this.#last;
    if (this.#edge !== null && sort > this.#edge) return false;
    if (sort > this.#last) this.#last = sort;
    return true;
  }

  async #readPage(): Promise<void> {
    const toldUpTo = await this.#toldUpTo();
    this.#forgetUpTo(toldUpTo);
    const offsets = [...this.#left.values()].map(({ offset }) => offset);
    const { items, hasMore } = await this.#state.list({
      partition: this.#partition,
      prefix: "",
      limit: PAGE,
      atLeast: Math.max(toldUpTo, ...offsets),
      ...(this.#edge === null || this.#edge === "" ? {} : { after: this.#edge }),
    });
    const places = items.map(({ value }) => value as DeliveryPlace);
    for (const delivery of await this.#documents(places)) {
      const [plannedAt = 0] = delivery.steps;
      if (plannedAt <= toldUpTo || this.#left.has(delivery.id)) this.#sink.takeIn(delivery, 0);
      this.#left.delete(delivery.id);
    }
    const last = items.at(-1)?.sort;
    if (last !== undefined) {
      this.#edge = last;
      if (last > this.#last) this.#last = last;
    }
    if (!hasMore) this.#edge = null;
  }

  /** What was told with all before it comes with a page in any case. */
  async #forget(): Promise<void> {
    if (this.#isForgetting) return;
    this.#isForgetting = true;
    try {
      this.#forgetUpTo(await this.#toldUpTo());
    } catch {
      // It is not known how far that is: the next that is left to a page asks again.
    } finally {
      this.#isForgetting = false;
    }
  }

  #forgetUpTo(toldUpTo: number): void {
    for (const [id, { offset }] of this.#left) if (offset <= toldUpTo) this.#left.delete(id);
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
