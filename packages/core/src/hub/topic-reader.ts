import { AnywireError } from "@anywire/types";
import type { ReadableLog } from "../log/mask-deleted.ts";
import type { LogPage } from "../ports/log.ts";
import { Broadcast } from "./broadcast.ts";
import { type ChannelFeed, isFed } from "./channel-feed.ts";
import type { Topic } from "./topic.ts";

/** Data in a page that catches a subscription up, characters: of more, most would be read again once its socket is full. */
const CATCH_UP_LENGTH = 128 * 1024;

/** How long an answer waits for what was missed, ms: after five seconds without one, SDKs give up their connection. */
const MAX_WAIT_MS = 1_000;
/** For how long no answer waits after one has waited in vain, ms: a connection's subscriptions come one after the other. */
const SLOW_MS = 2_000;

/** A page of a topic's entries. */
export interface TopicPage {
  readonly broadcasts: readonly Broadcast[];
  readonly hasMore: boolean;
  /** From where on the topic's ring was complete when the read began. */
  readonly ringFrom: number;
}

/** Reads what the rings no longer have, from the log or the feed. */
export class TopicReader {
  readonly #log: ReadableLog;
  readonly #feed: ChannelFeed;
  readonly #pageSize: number;
  /** Reads under way by topic and offset: those who come back together share one. */
  readonly #reads = new Map<string, Promise<TopicPage>>();
  #pagesRead = 0;
  /** In the time of `performance.now`. */
  #isSlowUntil = 0;

  constructor(log: ReadableLog, feed: ChannelFeed, pageSize: number) {
    this.#log = log;
    this.#feed = feed;
    this.#pageSize = pageSize;
  }

  /** Pages that were read. */
  get pagesRead(): number {
    return this.#pagesRead;
  }

  /** The first page of a topic's entries after an offset. */
  readAfter(topic: Topic, after: number): Promise<TopicPage> {
    const key = `${topic.name} ${after}`;
    let reading = this.#reads.get(key);
    if (reading === undefined) {
      reading = this.#read(topic, after).finally(() => this.#reads.delete(key));
      this.#reads.set(key, reading);
    }
    return reading;
  }

  /** The same for an answer that a client waits for: undefined when that can't be read now, or not in time. */
  async readSoon(topic: Topic, after: number): Promise<TopicPage | undefined> {
    if (performance.now() < this.#isSlowUntil) return undefined;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const tooLate = new Promise<undefined>((resolve) => {
      timer = setTimeout(resolve, MAX_WAIT_MS, undefined);
    });
    const reading = this.readAfter(topic, after).catch(unlessPassing);
    try {
      const page = await Promise.race([reading, tooLate]);
      if (page === undefined) this.#isSlowUntil = performance.now() + SLOW_MS;
      return page;
    } finally {
      clearTimeout(timer);
    }
  }

  async #read(topic: Topic, after: number): Promise<TopicPage> {
    this.#pagesRead += 1;
    const { name: pattern, completeAfter: ringFrom } = topic;
    const page = await this.#readPage(pattern, after);
    const broadcasts = page.entries.map(
      (entry) => new Broadcast(pattern, { type: "entry", entry }),
    );
    return { broadcasts, hasMore: page.hasMore, ringFrom };
  }

  #readPage(pattern: string, after: number): Promise<LogPage> {
    const limit = this.#pageSize;
    if (isFed(pattern)) return this.#feed.read(pattern, after, limit);
    const maxLength = CATCH_UP_LENGTH;
    return this.#log.read({
      pattern,
      after,
      limit,
      maxLength,
      order: "asc",
      withoutQuiet: true,
    });
  }
}

/** Whether the same read may succeed in a while. */
export function isPassing(error: unknown): boolean {
  return error instanceof AnywireError && error.code === "unavailable";
}

function unlessPassing(error: unknown): undefined {
  if (!isPassing(error)) throw error;
}
