import type { Broadcast } from "./broadcast.ts";
import type { Topic } from "./topic.ts";

/** The value of `behindFrom` for a subscription that gets everything as it comes. */
export const LIVE = -1;

/** Where an edge's connection takes what it is subscribed to. */
export interface Subscriber {
  /** True while its socket takes no more: nothing is queued for it then. */
  readonly isFull: boolean;
  /** Takes a broadcast, to be written at the end of this turn of the event loop. Must not throw. */
  enqueue(broadcast: Broadcast): void;
  /** Takes several at once, in their order. The same list goes to everyone who is to have it. Must not throw. */
  enqueueAll(broadcasts: readonly Broadcast[]): void;
  /** A subscription missed something because the subscriber was full; call `hub.catchUp` when it is not. */
  fellBehind(subscription: Subscription): void;
  /** What was missed can't be read for now, and the subscription is still behind: call `hub.catchUp` again after a while. */
  stalled(subscription: Subscription, cause: unknown): void;
  /** What was missed can't be read: the subscription is over, the client has to begin anew. */
  lost(subscription: Subscription, cause: unknown): void;
  /** It missed who came and went, which no log has: the subscription is over, the client has to ask who is there. */
  missedJoins(subscription: Subscription): void;
}

/** One subscriber on one topic. */
export class Subscription {
  readonly topic: Topic;
  readonly subscriber: Subscriber;
  /** Whether it is told who comes and goes. */
  readonly wantsJoins: boolean;
  /** Place in the topic's list; kept by the topic. */
  index = 0;
  /**
   * `LIVE`, or the offset after which it has missed entries. While it is behind nothing is queued
   * for it: it is caught up from the ring or the log. A small integer from the start, so that V8 keeps it
   * in the object: every delivery reads it.
   */
  behindFrom = 0;
  /** The offset it went live at: it has what the tail brings late of what was read before that. */
  liveAfter = 0;
  isCatchingUp = false;
  /** Whether its subscriber was told that it is subscribed. */
  hasBegun = false;
  /** Whether somebody came or went since, and it was not told. */
  hasMissedJoins = false;
  isClosed = false;

  constructor(topic: Topic, subscriber: Subscriber, wantsJoins: boolean) {
    this.topic = topic;
    this.subscriber = subscriber;
    this.wantsJoins = wantsJoins;
  }

  /** Whether nothing has to be read to catch it up. */
  get isAtHand(): boolean {
    return this.topic.holdsAllAfter(this.behindFrom);
  }
}
