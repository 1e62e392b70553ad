import type { LiveEvent } from "../ports/presence.ts";
import type { Broadcast } from "./broadcast.ts";
import type { Hub, Subscribed, SubscribeOptions } from "./hub.ts";
import type { Subscriber, Subscription } from "./subscription.ts";

/** A connection that writes down what it is told, is full when a test says so, and drains like a session. */
export class RecordingSubscriber implements Subscriber {
  isFull = false;
  /** Becomes full after this many more broadcasts. */
  room = Number.POSITIVE_INFINITY;
  readonly heard: Broadcast[] = [];
  /** How often it was handed something. */
  calls = 0;
  readonly losses: { subscription: Subscription; cause: unknown }[] = [];
  readonly stalls: { subscription: Subscription; cause: unknown }[] = [];
  /** Those that ended because they missed who came or went. */
  readonly outdated: Subscription[] = [];
  readonly behind = new Set<Subscription>();
  readonly #hub: Hub;

  constructor(hub: Hub) {
    this.#hub = hub;
  }

  /** Offsets of the entries heard, in their order. */
  get offsets(): number[] {
    return this.heard.map(({ offset }) => offset).filter((offset) => offset > 0);
  }

  /** The live events heard, in their order. */
  get events(): LiveEvent[] {
    return this.heard.map(({ event }) => event).filter((event) => event.type !== "entry");
  }

  enqueue(broadcast: Broadcast): void {
    if (this.isFull) throw new Error("was handed something while it was full");
    this.calls += 1;
    this.heard.push(broadcast);
    this.room -= 1;
    if (this.room <= 0) this.isFull = true;
  }

  enqueueAll(broadcasts: readonly Broadcast[]): void {
    if (this.isFull) throw new Error("was handed something while it was full");
    this.calls += 1;
    this.heard.push(...broadcasts);
    this.room -= broadcasts.length;
    if (this.room <= 0) this.isFull = true;
  }

  fellBehind(subscription: Subscription): void {
    this.behind.add(subscription);
  }

  stalled(subscription: Subscription, cause: unknown): void {
    this.stalls.push({ subscription, cause });
  }

  lost(subscription: Subscription, cause: unknown): void {
    this.losses.push({ subscription, cause });
  }

  missedJoins(subscription: Subscription): void {
    this.outdated.push(subscription);
  }

  /** Subscribes, takes the answer's publications as heard, and goes on from there. */
  async subscribe(name: string, options?: SubscribeOptions): Promise<Subscribed> {
    const subscribed = await this.#hub.subscribe(name, this, options);
    this.heard.push(...subscribed.broadcasts);
    await this.#hub.catchUp(subscribed.subscription);
    return subscribed;
  }

  /** Takes more again, `room` broadcasts at least. */
  async drain(room = Number.POSITIVE_INFINITY): Promise<void> {
    this.room = room;
    this.isFull = false;
    for (const subscription of this.behind) {
      if (this.isFull) return;
      this.behind.delete(subscription);
      await this.#hub.catchUp(subscription);
    }
  }
}
