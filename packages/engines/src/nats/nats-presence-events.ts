import type { Listening, LiveEvent, PresenceMember, PresenceWatcher } from "@anywire/core";
import { AnywireError } from "@anywire/types";
import type { Msg } from "@nats-io/transport-node";
import { FollowedPatterns } from "./followed-patterns.ts";
import type { NatsLink } from "./nats-link.ts";
import { sequenceOf } from "./nats-presence-bucket.ts";
import {
  parseRecord,
  type SeatRecord,
  type SignalRecord,
  toLiveEvent,
  writerOf,
} from "./nats-presence-record.ts";

/** The last that was heard of a writer: seats, which the server tells once they are stored, and signals overtake each other. */
interface Heard {
  seat: number;
  signal: number;
}

interface Waiting {
  readonly channel: string;
  done(): void;
}

/** How long to wait until a node hears of its own what it follows, or that it follows. */
const HEAR_MS = 2_000;
/** Writers whose repeats are known. */
const MAX_WRITERS = 1_000;

/**
 * What a node hears: one subscription for each pattern that anybody on it follows. What several of them bring is told
 * once, since writers count what they write.
 */
export class PresenceEvents {
  readonly #link: NatsLink;
  /** This node's name as a writer. */
  readonly #writer: string;
  readonly #subjects: string;
  readonly #watchers = new Set<PresenceWatcher>();
  readonly #followed = new FollowedPatterns((pattern) => this.#subscribe(pattern));
  readonly #heard = new Map<string, Heard>();
  /** Those who wait for a seat of this node to be told, by its number. */
  readonly #waiting = new Map<number, Waiting>();
  /** Sequence of the last seat that was told; `0` for none. */
  #lastSeq = 0;
  /** Whether watchers were told of a cut before the link itself said that it is over. */
  #knowsOfCut = false;

  constructor(link: NatsLink, writer: string) {
    this.#link = link;
    this.#writer = writer;
    this.#subjects = `${link.prefix}.presence.`;
  }

  /** Begins to tell a watcher. */
  watch(watcher: PresenceWatcher): Listening {
    // An object of its own, so that one watcher can watch twice.
    const own: PresenceWatcher = {
      onEvent: (event) => watcher.onEvent(event),
      onMissed: () => watcher.onMissed?.(),
    };
    const ends = new Set<() => void>();
    let isStopped = false;
    this.#watchers.add(own);
    return {
      hearsAll: false,
      follow: async (pattern) => {
        const unfollow = await this.#followed.follow(pattern);
        const end = (): void => {
          if (!ends.delete(end)) return;
          unfollow();
          this.#settleWaiting();
        };
        ends.add(end);
        if (isStopped) end();
        return end;
      },
      stop: () => {
        isStopped = true;
        this.#watchers.delete(own);
        for (const end of ends) end();
      },
    };
  }

  /** Tells of a member that this node took off: where it follows the channel, that was told already. */
  tellOrphan(channel: string, member: PresenceMember): void {
    if (!this.#followed.has(channel))
      this.#deliver({ type: "leave", channel, member, isOrphan: true });
  }

  /** Tells all nodes something that is not stored. */
  tell(channel: string, record: SignalRecord): void {
    this.#link.connection.publish(this.#subjects + channel, JSON.stringify(record));
  }

  /** Resolves once this node has told its watchers of the n-th seat that it wrote, if it follows the channel. */
  async hasTold(channel: string, n: number): Promise<void> {
    if ((this.#heard.get(this.#writer)?.seat ?? 0) >= n || !this.#followed.has(channel)) return;
    // The server tells before it answers, so this is for an answer that took a shorter way, and for what was lost.
    await new Promise<void>((resolve) => {
      const done = (): void => {
        clearTimeout(timer);
        this.#waiting.delete(n);
        resolve();
      };
      this.#waiting.set(n, { channel, done });
      const timer = setTimeout(() => {
        done();
        this.missed();
      }, HEAR_MS);
    });
  }

  /** The connection stands again. */
  reconnected(): void {
    if (!this.#knowsOfCut) this.missed();
    this.#knowsOfCut = false;
  }

  /** Says that something may have been lost. */
  missed(): void {
    this.#lastSeq = 0;
    for (const watcher of this.#watchers) watcher.onMissed?.();
  }

  /** Tells nobody anything more. */
  stop(): void {
    this.#watchers.clear();
    this.#followed.clear();
    this.#settleWaiting();
  }

  #subscribe(pattern: string): { ready: Promise<void>; end: () => void } {
    const subscription = this.#link.connection.subscribe(this.#subjects + pattern, {
      callback: (error, message) => {
        if (error === null) this.#onMessage(message);
      },
    });
    return { ready: this.#reached(), end: () => subscription.unsubscribe() };
  }

  /** Resolves once the server has everything that was asked of it. */
  async #reached(): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      const refuse = (cause?: unknown): void => {
        const message = "presence: NATS does not answer; follow again";
        reject(new AnywireError("unavailable", message, { cause }));
      };
      const timer = setTimeout(refuse, HEAR_MS);
      this.#link.connection
        .flush()
        .then(resolve, refuse)
        .finally(() => clearTimeout(timer));
    });
  }

  #onMessage(message: Msg): void {
    const record = parseRecord<SeatRecord | SignalRecord>(message.data);
    const writer = writerOf(record.node);
    if (this.#isRepeated(writer, record)) return;
    this.#noticeLoss(record, message);
    const event = toLiveEvent(
      message.subject.slice(this.#subjects.length),
      record,
      writer === this.#writer,
    );
    if (event !== null) this.#deliver(event);
    const isOwnSeat = writer === this.#writer && record.type !== "signal";
    if (isOwnSeat) this.#waiting.get(record.n)?.done();
  }

  /** Tells of a loss before it tells of anything that came after. */
  #noticeLoss({ type }: SeatRecord | SignalRecord, message: Msg): void {
    if (!this.#link.isConnected && !this.#knowsOfCut) {
      this.#knowsOfCut = true;
      this.missed();
    }
    if (type === "signal") return;
    const seq = sequenceOf(message);
    // Sequences fall when NATS has forgotten the bucket.
    if (seq < this.#lastSeq) this.missed();
    this.#lastSeq = seq;
  }

  #deliver(event: LiveEvent): void {
    for (const watcher of this.#watchers) watcher.onEvent(event);
  }

  #isRepeated(writer: string, { type, n }: SeatRecord | SignalRecord): boolean {
    const heard = this.#heard.get(writer) ?? { seat: 0, signal: 0 };
    const kind = type === "signal" ? "signal" : "seat";
    if (n <= heard[kind]) return true;
    heard[kind] = n;
    this.#heard.set(writer, heard);
    if (this.#heard.size > MAX_WRITERS) {
      const [oldest = writer] = this.#heard.keys();
      this.#heard.delete(oldest);
    }
    return false;
  }

  /** Lets those go on whose seat is not followed any more. */
  #settleWaiting(): void {
    for (const { channel, done } of this.#waiting.values())
      if (!this.#followed.has(channel)) done();
  }
}
