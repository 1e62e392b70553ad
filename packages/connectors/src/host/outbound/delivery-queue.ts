import type { DeliveryDocument } from "@anywire/core";
import { WaitHeap } from "./wait-heap.ts";

/** A delivery that waits for its turn. */
export interface QueuedDelivery {
  readonly id: string;
  readonly channel: string;
  /** Its place among the open deliveries of its connection: the order within the channel. */
  readonly sort: string;
  readonly message: string;
  readonly participant: string;
  /** Where it goes. */
  readonly to: string;
  /** Milliseconds since the Unix epoch. */
  readonly dueAt: number;
  readonly expiresAt: number;
  /** When it was planned. */
  readonly createdAt: number;
  /** The state must have the entry at this offset before it is looked at. */
  readonly atLeast: number;
}

/** When a delivery is due: at once, by whatever clock, unless it was postponed. */
export function dueAtOf({ dueAt, error }: Pick<DeliveryDocument, "dueAt" | "error">): number {
  return error === null ? 0 : (dueAt ?? 0);
}

/** What waits in one channel. */
interface Lane {
  readonly channel: string;
  /** In order; what is at the network is not among them. */
  readonly items: QueuedDelivery[];
  /** Ids of those that are no longer among them and hold the others back. */
  readonly holders: Set<string>;
  /** Nothing leaves before. */
  heldUntil: number;
  /** When it is looked at again; what waits under another time is void. */
  wakeAt: number | null;
}

/**
 * The deliveries of one connection that wait, by a clock that is never set: when something is due is told to it in the time of others. Channels take turns, one delivery each; within a channel the order is kept and one is
 * worked at a time: one that has to wait holds back those behind it, and no other channel. Nothing here waits or does I/O.
 */
export class DeliveryQueue {
  readonly #lanes = new Map<string, Lane>();
  readonly #known = new Set<string>();
  /** Lanes whose first delivery is due, longest waiting first. */
  readonly #ready = new Set<Lane>();
  readonly #waiting = new WaitHeap<Lane>();
  readonly #ownTime: (at: number) => number;

  /** `ownTime` turns milliseconds since the Unix epoch into the time that the queue is asked by. Default: they are the same. */
  constructor(ownTime = (at: number): number => at) {
    this.#ownTime = ownTime;
  }

  /** How many wait. */
  get size(): number {
    return this.#known.size;
  }

  /** Whether it waits here. */
  has(id: string): boolean {
    return this.#known.has(id);
  }

  /** Adds a delivery at its place in its channel; one that waits already stays as it is. */
  add(item: QueuedDelivery, now: number): void {
    if (this.#known.has(item.id)) return;
    this.#known.add(item.id);
    const lane = this.#lane(item.channel);
    let place = lane.items.length;
    while (place > 0 && (lane.items[place - 1]?.sort ?? "") > item.sort) place -= 1;
    lane.items.splice(place, 0, item);
    if (place === 0) lane.heldUntil = 0;
    this.#settle(lane, now);
  }

  /** Takes one out that is not to be sent. False when it does not wait here. */
  remove(channel: string, id: string, now: number): boolean {
    const lane = this.#lanes.get(channel);
    const place = lane?.items.findIndex((item) => item.id === id) ?? -1;
    if (lane === undefined || place < 0) return false;
    lane.items.splice(place, 1);
    this.#known.delete(id);
    if (place === 0) lane.heldUntil = 0;
    this.#settle(lane, now);
    return true;
  }

  /** Whose turn it is; undefined when nothing is due. */
  peek(now: number): QueuedDelivery | undefined {
    this.#wake(now);
    for (const { items } of this.#ready) return items[0];
    return undefined;
  }

  /** Takes the one whose turn it is. Its channel waits until `release`. */
  take(): QueuedDelivery | undefined {
    for (const lane of this.#ready) return this.#takeOf(lane);
    return undefined;
  }

  /** Takes one that is due and has run out, whosever turn it is. */
  takeExpired(now: number): QueuedDelivery | undefined {
    this.#wake(now);
    for (const lane of this.#ready) {
      const expiresAt = lane.items[0]?.expiresAt ?? Number.POSITIVE_INFINITY;
      if (this.#ownTime(expiresAt) <= now) return this.#takeOf(lane);
    }
    return undefined;
  }

  /** The channel whose turn it is has to wait until then; the others go on. */
  hold(until: number, now: number): void {
    for (const lane of this.#ready) {
      lane.heldUntil = until;
      this.#settle(lane, now);
      return;
    }
  }

  /** What was held by `hold` waits no longer: why it had to has changed. */
  unhold(now: number): void {
    for (const lane of this.#lanes.values()) {
      if (lane.heldUntil <= now) continue;
      lane.heldUntil = 0;
      this.#settle(lane, now);
    }
  }

  /** A delivery that does not wait here holds its channel back until `release`, as if it had been taken. */
  occupy({ channel, id }: Pick<QueuedDelivery, "channel" | "id">, now: number): void {
    const lane = this.#lane(channel);
    lane.holders.add(id);
    this.#settle(lane, now);
  }

  /** Whether it holds its channel back. */
  isHolding({ channel, id }: Pick<QueuedDelivery, "channel" | "id">): boolean {
    return this.#lanes.get(channel)?.holders.has(id) === true;
  }

  /** A delivery holds its channel back no more, if it did; or, with `again`, waits once more. */
  release(
    { channel, id }: Pick<QueuedDelivery, "channel" | "id">,
    now: number,
    again?: QueuedDelivery,
  ): void {
    const lane = this.#lanes.get(channel);
    lane?.holders.delete(id);
    if (again !== undefined) this.add(again, now);
    if (lane !== undefined) this.#settle(lane, now);
  }

  /** When the next channel that waits for a time is due; undefined when none does. */
  nextAt(): number | undefined {
    for (;;) {
      const next = this.#waiting.peek();
      if (next === undefined || next.what.wakeAt === next.at) return next?.at;
      this.#waiting.pop();
    }
  }

  #lane(channel: string): Lane {
    let lane = this.#lanes.get(channel);
    if (lane === undefined) {
      lane = { channel, items: [], holders: new Set(), heldUntil: 0, wakeAt: null };
      this.#lanes.set(channel, lane);
    }
    return lane;
  }

  #takeOf(lane: Lane): QueuedDelivery | undefined {
    this.#ready.delete(lane);
    const item = lane.items.shift();
    if (item === undefined) return undefined;
    this.#known.delete(item.id);
    lane.holders.add(item.id);
    lane.heldUntil = 0;
    return item;
  }

  /** Brings a lane to where it belongs now. */
  #settle(lane: Lane, now: number): void {
    lane.wakeAt = null;
    const [first] = lane.items;
    if (lane.holders.size > 0) {
      this.#ready.delete(lane);
      return;
    }
    if (first === undefined) {
      this.#ready.delete(lane);
      this.#lanes.delete(lane.channel);
      return;
    }
    // What has run out is not waited for.
    const dueAt = Math.max(this.#ownTime(first.dueAt), lane.heldUntil);
    const at = Math.min(dueAt, this.#ownTime(first.expiresAt));
    if (at <= now) {
      this.#ready.add(lane);
      return;
    }
    this.#ready.delete(lane);
    lane.wakeAt = at;
    this.#waiting.push(at, lane);
  }

  #wake(now: number): void {
    for (;;) {
      const at = this.nextAt();
      if (at === undefined || at > now) return;
      const lane = this.#waiting.pop()?.what;
      if (lane === undefined) return;
      lane.wakeAt = null;
      this.#ready.add(lane);
    }
  }
}
