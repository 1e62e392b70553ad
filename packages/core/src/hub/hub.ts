import { isWildcard, namesQuietType, PatternMatcher, type Position } from "@anywire/types";
import { maskOf, type ReadableLog } from "../log/mask-deleted.ts";
import type { Listening } from "../ports/listening.ts";
import type { LogEntry } from "../ports/log.ts";
import type { LiveEvent, Presence } from "../ports/presence.ts";
import { Broadcast } from "./broadcast.ts";
import { type ChannelFeed, isFed } from "./channel-feed.ts";
import { RingBudget } from "./ring-budget.ts";
import { LIVE, type Subscriber, Subscription } from "./subscription.ts";
import { Topic } from "./topic.ts";
import { isPassing, TopicReader } from "./topic-reader.ts";

/** Data in the answer to a subscription, characters: what one that is recovered may hold in memory. */
const PAGE_LENGTH = 1024 * 1024;

/** What the hub needs. */
export interface HubOptions {
  readonly log: ReadableLog;
  readonly presence: Pick<Presence, "watch">;
  /** Feeds the channels of type `notification`. */
  readonly feed: ChannelFeed;
  /** Begins what else there is to follow for a channel or pattern that somebody subscribes to; resolves with what ends it. */
  readonly follow?: (name: string) => Promise<() => void>;
  /** Entries kept at hand for each topic. */
  readonly ringSize: number;
  /** Bytes kept at hand for all topics together, about. */
  readonly ringBytes: number;
  /** Entries read from the log at a time, and given in one answer. */
  readonly pageSize: number;
  /** Topics that nobody is on, kept at hand for those who come back. */
  readonly idleTopics: number;
  /** Of a channel on which more than these want to know who comes and goes, nobody is told. */
  readonly maxJoinListeners: number;
}

/** How to subscribe. */
export interface SubscribeOptions {
  /** Whether to be told who comes and goes. */
  readonly wantsJoins?: boolean;
  /** Give what came after this position. */
  readonly recoverFrom?: Position;
}

/** A subscription and where it begins. */
export interface Subscribed {
  readonly subscription: Subscription;
  /** What is after this offset comes to the subscriber once `catchUp` is called. */
  readonly offset: number;
  readonly epoch: string;
  /** True when nothing after `recoverFrom` is missing from `broadcasts` and what then comes. */
  readonly isRecovered: boolean;
  /** The first page of what came after `recoverFrom`, oldest first; empty when that can't be read soon. */
  readonly broadcasts: readonly Broadcast[];
}

/** What there is now, and counts since the start. */
export interface HubStats {
  readonly topics: number;
  readonly subscriptions: number;
  /** Bytes kept at hand, about. */
  readonly ringBytes: number;
  /** Entries that came in from the log. */
  readonly entriesIn: number;
  /** Pages read from the log to catch a subscription up. */
  readonly pagesRead: number;
}

/**
 * Hands every new entry and live event to all who subscribed to its channel or to a pattern that matches
 * it, and keeps the newest at hand for those who come back or are slow.
 */
export class Hub {
  readonly #log: ReadableLog;
  readonly #presence: Pick<Presence, "watch">;
  readonly #feed: ChannelFeed;
  readonly #followMore: HubOptions["follow"];
  readonly #pageSize: number;
  readonly #channels = new Map<string, Topic>();
  readonly #patterns = new Map<string, Topic>();
  readonly #matcher = new PatternMatcher<Topic>();
  readonly #rings: RingBudget;
  /** Topics that nobody is on, left longest ago first. */
  readonly #idle = new Set<Topic>();
  readonly #maxIdle: number;
  readonly #maxJoinListeners: number;
  readonly #reader: TopicReader;
  #tail: Listening | null = null;
  #live: Listening | null = null;
  #subscriptions = 0;
  #entriesIn = 0;

  constructor(options: HubOptions) {
    const { log, presence, feed, ringSize, ringBytes, pageSize } = options;
    this.#log = log;
    this.#presence = presence;
    this.#feed = feed;
    this.#followMore = options.follow;
    this.#pageSize = pageSize;
    this.#maxIdle = options.idleTopics;
    this.#maxJoinListeners = options.maxJoinListeners;
    this.#reader = new TopicReader(log, feed, pageSize);
    this.#rings = new RingBudget(ringSize, ringBytes);
  }

  /** Begins to listen. Called once, when log and presence have started. */
  start(): void {
    this.#tail = this.#log.tail((entry) => this.#onEntry(entry));
    this.#live = this.#presence.watch({
      onEvent: (event) => this.#onLive(event),
      onMissed: () => this.#onMissedLive(),
    });
  }

  /** Stops listening. */
  close(): void {
    this.#tail?.stop();
    this.#live?.stop();
  }

  /** Takes in an entry of a channel that is fed. */
  take(entry: LogEntry): void {
    const topic = this.#channels.get(entry.channel);
    if (topic !== undefined) this.#publish(topic, entry);
  }

  /** Those who are subscribed to a channel by its name. */
  subscribersOf(channel: string): Subscriber[] {
    return this.#channels.get(channel)?.subscribers() ?? [];
  }

  /** Whether anybody here is subscribed to a channel by its name. */
  isWatched(channel: string): boolean {
    return (this.#channels.get(channel)?.size ?? 0) > 0;
  }

  /** Tells those who are subscribed here to a channel by its name something live. */
  tellHere(event: LiveEvent): void {
    this.#channels.get(event.channel)?.tell(new Broadcast(event.channel, event));
  }

  /** What there is now, and counts since the start. */
  stats(): HubStats {
    return {
      topics: this.#channels.size + this.#patterns.size,
      subscriptions: this.#subscriptions,
      ringBytes: this.#rings.bytes,
      entriesIn: this.#entriesIn,
      pagesRead: this.#reader.pagesRead,
    };
  }

  /**
   * Subscribes to a valid channel name or pattern. Nothing comes until the caller has told its client of
   * the answer and calls `catchUp`; then everything after `offset` does, in order and without a gap.
   * @throws {AnywireError} what the log throws; the subscription is gone then.
   */
  async subscribe(
    name: string,
    subscriber: Subscriber,
    options: SubscribeOptions = {},
  ): Promise<Subscribed> {
    const topic = this.#topic(name);
    const subscription = new Subscription(topic, subscriber, options.wantsJoins ?? false);
    topic.add(subscription);
    this.#idle.delete(topic);
    this.#subscriptions += 1;
    try {
      if (topic.ready !== null) await topic.ready;
      return await this.#begin(subscription, options.recoverFrom);
    } catch (error) {
      this.unsubscribe(subscription);
      throw error;
    }
  }

  /** Ends a subscription: nothing is handed to it from now on. A second call is a no-op. */
  unsubscribe(subscription: Subscription): void {
    if (subscription.isClosed) return;
    subscription.isClosed = true;
    subscription.topic.remove(subscription);
    this.#subscriptions -= 1;
    if (subscription.topic.size === 0) this.#keepIdle(subscription.topic);
  }

  /**
   * Hands a subscription what it has missed, from the ring or page by page from the log, until it is live
   * or its subscriber is full again. Resolves then; a failure is told to `subscriber.stalled` or `lost`.
   */
  async catchUp(subscription: Subscription): Promise<void> {
    if (subscription.isCatchingUp) return;
    subscription.isCatchingUp = true;
    subscription.hasBegun = true;
    try {
      while (needsMore(subscription)) {
        if (!this.#catchUpFromRing(subscription)) await this.#catchUpFromLog(subscription);
      }
      // Full, maybe already before it began: goes on when it is not.
      if (isBehind(subscription)) subscription.subscriber.fellBehind(subscription);
      else if (subscription.hasMissedJoins) this.#endOutdated(subscription);
    } catch (error) {
      if (subscription.isClosed) return;
      if (isPassing(error)) return subscription.subscriber.stalled(subscription, error);
      this.unsubscribe(subscription);
      subscription.subscriber.lost(subscription, error);
    } finally {
      subscription.isCatchingUp = false;
    }
  }

  #endOutdated(subscription: Subscription): void {
    this.unsubscribe(subscription);
    subscription.subscriber.missedJoins(subscription);
  }

  async #begin(subscription: Subscription, since: Position | undefined): Promise<Subscribed> {
    const { topic } = subscription;
    const { epoch } = this.#log;
    const canRecover = since?.epoch === epoch && since.offset <= (await this.#reach(topic, since));
    const broadcasts = canRecover ? withinBytes(await this.#pageAfter(topic, since.offset)) : [];
    const offset = canRecover ? (broadcasts.at(-1)?.offset ?? since.offset) : topic.head;
    subscription.behindFrom = offset;
    return { subscription, offset, epoch, isRecovered: canRecover, broadcasts };
  }

  /** The largest offset a client can honestly have of a topic: entries of other channels do not count. */
  async #reach(topic: Topic, since: Position): Promise<number> {
    if (since.offset <= topic.head) return topic.head;
    // What is fed tells of entries of many channels, and may not have told of the last ones.
    return await this.#log.head(isFed(topic.name) ? ">" : topic.name);
  }

  async #pageAfter(topic: Topic, offset: number): Promise<readonly Broadcast[]> {
    if (topic.holdsAllAfter(offset)) return topic.after(offset, this.#pageSize);
    // What the answer can't wait for comes when the subscription is caught up.
    return (await this.#reader.readSoon(topic, offset))?.broadcasts ?? [];
  }

  /** Returns false when the ring does not reach back far enough. */
  #catchUpFromRing(subscription: Subscription): boolean {
    const { topic, subscriber } = subscription;
    if (!topic.holdsAllAfter(subscription.behindFrom)) return false;
    for (const broadcast of topic.after(subscription.behindFrom, Number.MAX_SAFE_INTEGER)) {
      if (subscriber.isFull) return true;
      subscriber.enqueue(broadcast);
      subscription.behindFrom = broadcast.offset;
    }
    subscription.liveAfter = subscription.behindFrom;
    subscription.behindFrom = LIVE;
    return true;
  }

  async #catchUpFromLog(subscription: Subscription): Promise<void> {
    const { topic, subscriber } = subscription;
    const { broadcasts, hasMore, ringFrom } = await this.#reader.readAfter(
      topic,
      subscription.behindFrom,
    );
    if (subscription.isClosed) return;
    for (const broadcast of broadcasts) {
      if (subscriber.isFull) return;
      subscriber.enqueue(broadcast);
      subscription.behindFrom = broadcast.offset;
    }
    // The log has nothing more of this topic up to where the ring began before the read.
    if (!hasMore) subscription.behindFrom = Math.max(subscription.behindFrom, ringFrom);
  }

  #onEntry(entry: LogEntry): void {
    this.#entriesIn += 1;
    const { channel } = entry;
    const isQuiet = namesQuietType(channel);
    const topic = isQuiet && isFed(channel) ? undefined : this.#channels.get(channel);
    if (topic !== undefined) this.#publish(topic, entry);
    this.#matcher.forEachMatch(channel, (pattern) => {
      if (!isQuiet || namesQuietType(pattern.name)) this.#publish(pattern, entry);
    });
    if (entry.kind === "delete") this.#mask(entry);
  }

  /** Those who come back are not told what was deleted meanwhile. */
  #mask(deletion: LogEntry): void {
    const mask = maskOf(deletion);
    this.#channels.get(deletion.channel)?.replace(mask);
    this.#matcher.forEachMatch(deletion.channel, (topic) => topic.replace(mask));
  }

  #publish(topic: Topic, entry: LogEntry): void {
    const broadcast = new Broadcast(topic.name, { type: "entry", entry });
    if (topic.publish(broadcast, entry.offset)) queueMicrotask(() => topic.handOut());
    this.#rings.add(topic, broadcast);
  }

  #onLive(event: LiveEvent): void {
    const { type, channel } = event;
    const topic = this.#channels.get(channel);
    if (type !== "signal") {
      const outdated = topic?.tellJoin(new Broadcast(channel, event), this.#maxJoinListeners);
      for (const subscription of outdated ?? []) this.#endOutdated(subscription);
      return;
    }
    topic?.tell(new Broadcast(channel, event));
    this.#matcher.forEachMatch(channel, (pattern) => {
      pattern.tell(new Broadcast(pattern.name, event));
    });
  }

  /** Those who want to know who comes and goes have to ask anew. */
  #onMissedLive(): void {
    for (const topic of this.#channels.values()) {
      for (const subscription of topic.missJoins()) this.#endOutdated(subscription);
    }
  }

  #topic(name: string): Topic {
    const isPattern = isWildcard(name);
    const topics = isPattern ? this.#patterns : this.#channels;
    let topic = topics.get(name);
    if (topic === undefined) {
      topic = new Topic(name);
      topics.set(name, topic);
      if (isPattern) this.#matcher.add(name, topic);
      topic.ready = this.#learnHead(topic);
    }
    return topic;
  }

  /** From here on the topic hears of every new entry, so what its ring lacks is at most what the log has now. */
  async #learnHead(topic: Topic): Promise<void> {
    const { name } = topic;
    try {
      await this.#follow(topic);
      topic.setHead(await (isFed(name) ? this.#feed.open(name) : this.#log.head(name)));
      topic.ready = null;
    } catch (error) {
      // The next one to subscribe asks again.
      this.#forget(topic);
      throw error;
    }
  }

  async #follow(topic: Topic): Promise<void> {
    // Where everything is heard anyhow, a topic costs neither a promise nor a function.
    if (this.#tail?.hearsAll !== false && this.#live?.hearsAll !== false) return;
    const { name } = topic;
    const ends = await Promise.all([
      isFed(name) ? undefined : this.#tail?.follow(name),
      this.#live?.follow(name),
      this.#followMore?.(name),
    ]);
    topic.unfollow = () => {
      for (const end of ends) end?.();
    };
    if (!this.#isKept(topic)) topic.unfollow();
  }

  #isKept(topic: Topic): boolean {
    return this.#channels.get(topic.name) === topic || this.#patterns.get(topic.name) === topic;
  }

  /** Goes on listening for a topic, so that those who come back are answered from the ring. */
  #keepIdle(topic: Topic): void {
    this.#idle.add(topic);
    if (this.#idle.size <= this.#maxIdle) return;
    const [longest] = this.#idle;
    if (longest !== undefined) this.#forget(longest);
  }

  #forget(topic: Topic): void {
    this.#idle.delete(topic);
    this.#rings.release(topic);
    topic.unfollow();
    if (isFed(topic.name)) this.#feed.close(topic.name);
    if (this.#channels.get(topic.name) === topic) this.#channels.delete(topic.name);
    if (this.#patterns.get(topic.name) !== topic) return;
    this.#patterns.delete(topic.name);
    this.#matcher.delete(topic.name, topic);
  }
}

function needsMore(subscription: Subscription): boolean {
  return isBehind(subscription) && !subscription.subscriber.isFull;
}

function isBehind({ behindFrom, isClosed }: Subscription): boolean {
  return behindFrom !== LIVE && !isClosed;
}

function withinBytes(broadcasts: readonly Broadcast[]): readonly Broadcast[] {
  let bytes = 0;
  const end = broadcasts.findIndex(({ event }) => {
    bytes += event.type === "entry" ? event.entry.dataJson.length : 0;
    return bytes >= PAGE_LENGTH;
  });
  return end < 0 ? broadcasts : broadcasts.slice(0, end + 1);
}
