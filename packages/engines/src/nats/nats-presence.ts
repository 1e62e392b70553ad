import { randomUUID } from "node:crypto";
import {
  type Listening,
  type LiveEvent,
  managePresence,
  type Presence,
  type PresenceMember,
  type PresenceStats,
  type PresenceWatcher,
} from "@anywire/core";
import { AnywireError } from "@anywire/types";
import type { NatsLink } from "./nats-link.ts";
import { PresenceBucket } from "./nats-presence-bucket.ts";
import { PresenceEvents } from "./nats-presence-events.ts";
import { PresenceNode } from "./nats-presence-node.ts";
import { isTaken, parseRecord, type SeatRecord, seatsOf } from "./nats-presence-record.ts";
import { PresenceSeats } from "./nats-presence-seats.ts";
import { whileBusy } from "./stream-changes.ts";

/** Options for `createNatsPresence`. */
export interface NatsPresenceOptions {
  /** Members of a node that died are gone after this many ms. Default 10,000. */
  readonly leaseMs?: number;
  /** How many NATS servers keep who is there: 1 or 3. Default: as many as keep the log. */
  readonly replicas?: number | undefined;
}

/**
 * A `Presence` for several machines, on NATS 2.12 or newer with JetStream. Who is there is kept in the server's memory, in
 * the bucket `<prefix>-presence`; when the server forgets it, all nodes tell their watchers that events may have been
 * lost and put their members on again.
 *
 * A `join` or `leave` that rejects with `unavailable` is not done yet: the driver does it once NATS answers, unless the
 * other is called meanwhile. Through a node that a client did not join last, it can't leave: that is a no-op.
 */
export function createNatsPresence(link: NatsLink, options: NatsPresenceOptions = {}): Presence {
  return managePresence(new NatsPresence(link, options));
}

class NatsPresence implements Presence {
  readonly capabilities: { readonly leaseMs: number };
  readonly #link: NatsLink;
  readonly #bucket: PresenceBucket;
  readonly #node: PresenceNode;
  readonly #events: PresenceEvents;
  readonly #seats: PresenceSeats;
  /** Reads that have not begun, by channel: whoever asks meanwhile shares them. */
  readonly #nextReads = new Map<string, Promise<readonly SeatRecord[]>>();
  readonly #reads = new Map<string, Promise<readonly SeatRecord[]>>();
  #signals = 0;
  #isLinked = false;
  #stopHearing: () => void = () => {};

  constructor(link: NatsLink, { leaseMs = 10_000, replicas }: NatsPresenceOptions) {
    this.capabilities = { leaseMs };
    this.#link = link;
    this.#bucket = new PresenceBucket(link, replicas);
    const writer = randomUUID();
    this.#events = new PresenceEvents(link, writer);
    const parts = { bucket: this.#bucket, events: this.#events };
    const onAlive = (): void => this.#settle();
    this.#node = new PresenceNode({ ...parts, writer, leaseMs, onAlive });
    this.#seats = new PresenceSeats({ ...parts, node: this.#node });
  }

  async start(): Promise<void> {
    await this.#link.start();
    this.#isLinked = true;
    const stopReconnects = this.#link.onReconnect(() => {
      this.#bucket.giveUp();
      // Before watchers are told: what they ask then waits for the next life.
      this.#node.end();
      this.#events.reconnected();
    });
    // A leader that dies after it stored a seat may not have told of it.
    const elections = this.#link.connection.subscribe(
      `$JS.EVENT.ADVISORY.STREAM.LEADER_ELECTED.${this.#bucket.stream}`,
      { callback: () => this.#events.missed() },
    );
    this.#stopHearing = () => {
      stopReconnects();
      elections.unsubscribe();
    };
    await this.#bucket.settleCopies();
    await whileBusy(() => this.#node.start());
  }

  join(channel: string, member: PresenceMember): Promise<void> {
    return this.#seats.join(channel, member);
  }

  leave(channel: string, client: string): Promise<void> {
    return this.#seats.leave(channel, client);
  }

  async members(channel: string, limit: number): Promise<readonly PresenceMember[]> {
    const taken = await this.#read(channel);
    return taken.slice(0, limit).map(({ client, user }) => ({ client, user }));
  }

  async stats(channel: string): Promise<PresenceStats> {
    const taken = await this.#read(channel);
    const users = new Set(taken.map(({ user }) => user));
    return { numClients: taken.length, numUsers: users.size };
  }

  async signal(event: LiveEvent & { readonly type: "signal" }): Promise<void> {
    const { type, channel, member, kind, dataJson } = event;
    if (!this.#link.isConnected) {
      throw new AnywireError("unavailable", "presence: NATS is not connected; signal again");
    }
    const node = await this.#node.live();
    this.#signals += 1;
    const n = this.#signals;
    const { client, user } = member;
    this.#events.tell(channel, { type, client, user, node, n, kind, dataJson });
  }

  watch(watcher: PresenceWatcher): Listening {
    return this.#events.watch(watcher);
  }

  async close(): Promise<void> {
    if (!this.#isLinked) return;
    this.#stopHearing();
    this.#events.stop();
    if (!this.#link.isConnected) this.#bucket.giveUp();
    await this.#node.stop();
    if (this.#link.isConnected) {
      try {
        await this.#seats.leaveAll();
        await this.#node.leave();
      } catch {
        // The others see that this node is no more when its lease is over.
      }
    }
    await this.#link.close();
  }

  #settle(): void {
    // What stays undone is done with the next tick.
    this.#seats.settleAll().catch(() => {});
  }

  /** Who is on a channel now. A thousand who ask at once are answered by two reads. */
  #read(channel: string): Promise<readonly SeatRecord[]> {
    const next = this.#nextReads.get(channel);
    if (next !== undefined) return next;
    const running = this.#reads.get(channel);
    if (running === undefined) return this.#beginRead(channel);
    const begin = (): Promise<readonly SeatRecord[]> => {
      this.#nextReads.delete(channel);
      return this.#beginRead(channel);
    };
    const read = running.then(begin, begin);
    this.#nextReads.set(channel, read);
    return read;
  }

  #beginRead(channel: string): Promise<readonly SeatRecord[]> {
    const read = this.#readNow(channel);
    this.#reads.set(channel, read);
    const end = (): void => {
      if (this.#reads.get(channel) === read) this.#reads.delete(channel);
    };
    read.then(end, end);
    return read;
  }

  async #readNow(channel: string): Promise<readonly SeatRecord[]> {
    // NATS may have forgotten the bucket: then it is made anew first.
    await this.#node.live();
    const messages = await this.#bucket.list(seatsOf(channel));
    return messages.map(({ data }) => parseRecord<SeatRecord>(data)).filter(isTaken);
  }
}
