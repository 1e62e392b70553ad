import type { Broadcast, HubEvent } from "./broadcast.ts";
import { Ring } from "./ring.ts";
import { LIVE, type Subscriber, type Subscription } from "./subscription.ts";

/** Entries that are handed out together: what a connection is handed at once stays small. */
const MAX_WAITING = 64;

const NOBODY: readonly Subscription[] = [];

/** Not known yet from where on the ring is complete. */
const UNKNOWN = Number.MAX_SAFE_INTEGER;

/** A part of the ring, and what it was asked for by. */
interface RingPage {
  readonly offset: number;
  readonly limit: number;
  readonly found: readonly Broadcast[];
}

/** A channel or pattern that somebody is, or was lately, subscribed to: its subscriptions and its hot ring. */
export class Topic {
  readonly name: string;
  readonly #subscriptions: Subscription[] = [];
  /** Those that want to know who comes and goes; none in most topics. */
  #joinListeners: Set<Subscription> | null = null;
  /** Whether these are wrong about who is there, because they were too many to be told. */
  #hasSkippedJoins = false;
  /** Made with the first broadcast: an idle topic stays small. */
  #ring: Ring<Broadcast> | null = null;
  /** Entries that are not handed out yet, of one commit. */
  #waiting: Broadcast[] | null = null;
  /** What was asked for last; void as soon as the ring changes. */
  #lastPage: RingPage | null = null;
  /** The ring holds every entry of the topic with a larger offset. */
  #completeAfter = UNKNOWN;
  /** Offset of the topic's last entry, as far as this node knows. */
  #head = 0;
  /** Resolves when `head` is known. */
  ready: Promise<void> | null = null;
  /** Ends what is followed for it. */
  unfollow: () => void = nothing;

  constructor(name: string) {
    this.name = name;
  }

  /** How many subscriptions there are. */
  get size(): number {
    return this.#subscriptions.length;
  }

  /** Offset of the last entry, as far as this node knows. */
  get head(): number {
    return this.#head;
  }

  /** How many broadcasts are at hand. */
  get ringSize(): number {
    return this.#ring?.size ?? 0;
  }

  /** `offset` was the last entry in the log at a time when this topic already heard of new ones. */
  setHead(offset: number): void {
    this.#head = Math.max(this.#head, offset);
    // Known already when the ring was so small that something left it meanwhile.
    if (this.#completeAfter === UNKNOWN) this.#completeAfter = offset;
  }

  /** Takes a subscription in. */
  add(subscription: Subscription): void {
    subscription.index = this.#subscriptions.length;
    this.#subscriptions.push(subscription);
    if (!subscription.wantsJoins) return;
    this.#joinListeners ??= new Set();
    this.#joinListeners.add(subscription);
  }

  /** Takes a subscription out. */
  remove(subscription: Subscription): void {
    this.#joinListeners?.delete(subscription);
    const last = this.#subscriptions.pop();
    if (last === undefined || last === subscription) return;
    this.#subscriptions[subscription.index] = last;
    last.index = subscription.index;
  }

  /**
   * Takes a stored entry in. Entries of one commit come one after the other and are handed out together.
   * Returns whether this is the first to wait, so that the caller has to call `handOut` soon.
   */
  publish(broadcast: Broadcast, offset: number): boolean {
    // The tail can be later than the head that was asked for.
    this.#head = Math.max(this.#head, offset);
    this.#ring ??= new Ring();
    this.#ring.push(broadcast);
    this.#lastPage = null;
    const waiting = this.#waiting;
    if (waiting === null) {
      this.#waiting = [broadcast];
      return true;
    }
    waiting.push(broadcast);
    if (waiting.length === MAX_WAITING) this.handOut();
    return false;
  }

  /** Hands the entries that wait to everyone who is not behind: the line that fans a message out. */
  handOut(): void {
    const waiting = this.#waiting;
    if (waiting === null) return;
    this.#waiting = null;
    const first = waiting[0]?.offset ?? 0;
    for (const subscription of this.#subscriptions) {
      if (subscription.behindFrom !== LIVE) continue;
      const { subscriber } = subscription;
      if (subscription.liveAfter >= first) handOutRest(subscription, waiting);
      else if (subscriber.isFull) fallBehind(subscription, first - 1);
      else subscriber.enqueueAll(waiting);
    }
  }

  /** Who is subscribed. */
  subscribers(): Subscriber[] {
    return this.#subscriptions.map(({ subscriber }) => subscriber);
  }

  /** Puts other events in the place of some that are kept at hand. */
  replace(other: (event: HubEvent) => HubEvent | undefined): void {
    this.handOut();
    const ring = this.#ring;
    if (ring === null) return;
    this.#lastPage = null;
    for (let i = 0; i < ring.size; i += 1) {
      const broadcast = ring.at(i);
      const event = broadcast === undefined ? undefined : other(broadcast.event);
      if (event !== undefined) broadcast?.replace(event);
    }
  }

  /** Hands something live to everyone who can take it now. */
  tell(broadcast: Broadcast): void {
    // What was said before stays before.
    this.handOut();
    for (const subscription of this.#subscriptions) {
      if (canTake(subscription)) subscription.subscriber.enqueue(broadcast);
    }
  }

  /**
   * Tells those who want to know who came or went, if they are not more than `maxListeners`. Who can't take it now is told
   * later that something is missing. Returns those who have missed some because they were too many until now.
   */
  tellJoin(broadcast: Broadcast, maxListeners: number): readonly Subscription[] {
    const listeners = this.#joinListeners;
    if (listeners === null) return NOBODY;
    if (listeners.size > maxListeners) {
      this.#hasSkippedJoins = true;
      return NOBODY;
    }
    this.handOut();
    if (this.#hasSkippedJoins) return this.#outdatedOf(listeners);
    for (const subscription of listeners) {
      if (canTake(subscription)) subscription.subscriber.enqueue(broadcast);
      else this.#missJoin(subscription);
    }
    return NOBODY;
  }

  /** Some who came or went were not heard of. Returns those who can be told now that they have to ask anew. */
  missJoins(): readonly Subscription[] {
    return this.#joinListeners === null ? NOBODY : this.#outdatedOf(this.#joinListeners);
  }

  #outdatedOf(listeners: Iterable<Subscription>): readonly Subscription[] {
    this.#hasSkippedJoins = false;
    const outdated: Subscription[] = [];
    for (const subscription of listeners) {
      if (canTake(subscription)) outdated.push(subscription);
      else this.#missJoin(subscription);
    }
    return outdated;
  }

  #missJoin(subscription: Subscription): void {
    subscription.hasMissedJoins = subscription.hasBegun;
    if (subscription.behindFrom !== LIVE) return;
    // It can have read further in the log than the tail has come.
    fallBehind(subscription, Math.max(this.#head, subscription.liveAfter));
  }

  /** Lets the oldest broadcast go, and gives it back. */
  evict(): Broadcast | undefined {
    const oldest = this.#ring?.shift();
    this.#lastPage = null;
    if (oldest !== undefined) this.#completeAfter = oldest.offset;
    if (this.#ring?.size === 0) this.#ring = null;
    return oldest;
  }

  /** Whether the ring holds everything after an offset. */
  holdsAllAfter(offset: number): boolean {
    return offset >= this.#completeAfter;
  }

  /** The ring is complete after this offset; larger than any while that is not known. */
  get completeAfter(): number {
    return this.#completeAfter;
  }

  /**
   * What the ring holds after an offset, oldest first, at most `limit`. As long as nothing changes, those
   * who ask for the same get the same list, so that edges can encode it once.
   */
  after(offset: number, limit: number): readonly Broadcast[] {
    const ring = this.#ring;
    if (ring === null) return [];
    const last = this.#lastPage;
    if (last !== null && last.offset === offset && last.limit === limit) return last.found;
    const found: Broadcast[] = [];
    for (let i = firstAfter(ring, offset); i < ring.size && found.length < limit; i += 1) {
      const broadcast = ring.at(i);
      if (broadcast !== undefined) found.push(broadcast);
    }
    this.#lastPage = { offset, limit, found };
    return found;
  }
}

function nothing(): void {}

function canTake({ behindFrom, subscriber }: Subscription): boolean {
  return behindFrom === LIVE && !subscriber.isFull;
}

/** Some of the entries came to it when it was caught up. */
function handOutRest(subscription: Subscription, waiting: readonly Broadcast[]): void {
  for (const broadcast of waiting) {
    if (broadcast.offset <= subscription.liveAfter) continue;
    if (subscription.subscriber.isFull) {
      fallBehind(subscription, broadcast.offset - 1);
      return;
    }
    subscription.subscriber.enqueue(broadcast);
  }
}

function fallBehind(subscription: Subscription, offset: number): void {
  subscription.behindFrom = offset;
  subscription.subscriber.fellBehind(subscription);
}

/** Index of the first broadcast with a larger offset, by halving. */
function firstAfter(ring: Ring<Broadcast>, offset: number): number {
  let low = 0;
  let high = ring.size;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((ring.at(middle)?.offset ?? 0) > offset) high = middle;
    else low = middle + 1;
  }
  return low;
}
