import { randomUUID } from "node:crypto";
import {
  type Listening,
  type LiveEvent,
  managePresence,
  type Presence,
  type PresenceCapabilities,
  type PresenceMember,
  type PresenceOccupant,
  type PresenceStats,
  type PresenceWatcher,
} from "@anywire/core";
import { AnywireError } from "@anywire/types";
import type { Msg } from "@nats-io/transport-node";
import type { NatsLink } from "./nats-link.ts";
import { PresenceBucket, sequenceOf, storedAt } from "./nats-presence-bucket.ts";
import { PresenceEvents } from "./nats-presence-events.ts";
import { PresenceNode } from "./nats-presence-node.ts";
import { isTaken, parseRecord, type SeatRecord, seatsOf } from "./nats-presence-record.ts";
import { PresenceSeats } from "./nats-presence-seats.ts";
import { whileBusy } from "./stream-changes.ts";

/** Options for `createNatsPresence`. */
export interface NatsPresenceOptions {
  /** Members of a node that died are gone after this many ms. Default 10,000. */
  readonly leaseMs?: number;
  /** Who left a channel is known for so many ms. Default 10,000. */
  readonly rememberMs?: number;
  /** How many NATS servers keep who is there: 1 or 3. Default: as many as keep the log. */
  readonly replicas?: number | undefined;
}

/** A seat as it is kept. The headers of the message tell when it was written: reading them costs more than the record. */
interface SeenSeat {
  readonly record: SeatRecord;
  readonly message: Msg;
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
  readonly capabilities: PresenceCapabilities;
  readonly #link: NatsLink;
  readonly #bucket: PresenceBucket;
  readonly #node: PresenceNode;
  readonly #events: PresenceEvents;
  readonly #seats: PresenceSeats;
  /** Reads that have not begun, by channel: whoever asks meanwhile shares them. */
  readonly #nextReads = new Map<string, Promise<readonly SeenSeat[]>>();
  readonly #reads = new Map<string, Promise<readonly SeenSeat[]>>();
  #signals = 0;
  #isLinked = false;
  #stopHearing: () => void = () => {};

  constructor(link: NatsLink, options: NatsPresenceOptions) {
    const { leaseMs = 10_000, rememberMs = 10_000, replicas } = options;
    this.capabilities = { leaseMs, rememberMs };
    this.#link = link;
    this.#bucket = new PresenceBucket(link, rememberMs, replicas);
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
    return membersOf(await this.#read(channel)).slice(0, limit);
  }

  async lately(channel: string, withinMs: number): Promise<readonly PresenceOccupant[]> {
    const seats = await this.#read(channel);
    const members = membersOf(seats).map((member) => ({ ...member, leftAgoMs: null }));
    const left = seats.filter(({ record }) => record.type === "leave");
    if (left.length === 0) return members;
    const now = await this.#bucket.now();
    const gone = left
      .sort((a, b) => sequenceOf(a.message) - sequenceOf(b.message))
      .map(({ record: { client, user }, message }) => {
        return { client, user, leftAgoMs: Math.max(now - storedAt(message), 0) };
      });
    return [...members, ...gone.filter(({ leftAgoMs }) => leftAgoMs < withinMs)];
  }

  async stats(channel: string): Promise<PresenceStats> {
    const members = membersOf(await this.#read(channel));
    const users = new Set(members.map(({ user }) => user));
    return { numClients: members.length, numUsers: users.size };
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

  /** Who is on a channel now, or was of late. A thousand who ask at once are answered by two reads. */
  #read(channel: string): Promise<readonly SeenSeat[]> {
    const next = this.#nextReads.get(channel);
    if (next !== undefined) return next;
    const running = this.#reads.get(channel);
    if (running === undefined) return this.#beginRead(channel);
    const begin = (): Promise<readonly SeenSeat[]> => {
      this.#nextReads.delete(channel);
      return this.#beginRead(channel);
    };
    const read = running.then(begin, begin);
    this.#nextReads.set(channel, read);
    return read;
  }

  #beginRead(channel: string): Promise<readonly SeenSeat[]> {
    const read = this.#readNow(channel);
    this.#reads.set(channel, read);
    const end = (): void => {
      if (this.#reads.get(channel) === read) this.#reads.delete(channel);
    };
    read.then(end, end);
    return read;
  }

  async #readNow(channel: string): Promise<readonly SeenSeat[]> {
    // NATS may have forgotten the bucket: then it is made anew first.
    await this.#node.live();
    const messages = await this.#bucket.list(seatsOf(channel));
    return messages.map((message) => ({ record: parseRecord(message.data), message }));
  }
}

function membersOf(seats: readonly SeenSeat[]): PresenceMember[] {
  return seats
    .filter(({ record }) => isTaken(record))
    .map(({ record: { client, user } }) => ({ client, user }));
}
