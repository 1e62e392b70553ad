import type { PresenceMember } from "@anywire/core";
import { mapLimit } from "../shared/map-limit.ts";
import type { PresenceBucket } from "./nats-presence-bucket.ts";
import type { PresenceEvents } from "./nats-presence-events.ts";
import type { PresenceNode } from "./nats-presence-node.ts";
import { isTaken, type SeatRecord, seatKey, writerOf } from "./nats-presence-record.ts";

/** A member that this node puts on a channel. */
interface Seat {
  readonly key: string;
  readonly channel: string;
  readonly member: PresenceMember;
  /** Whether it has to be there. */
  isWanted: boolean;
  /** Sequence of its record; `0` when it is not there. */
  seq: number;
  /** The life of the node in which it was written; null when it has to be written, wherever it may be. */
  node: string | null;
  /** Whether a write is under way, or nobody knows what became of it. */
  isDoubtful: boolean;
  /** Sequence of the record that the last write was to replace. */
  expected: number;
  /** What brings it to where it has to be. */
  work: Promise<void> | null;
}

function newSeat(key: string, channel: string, member: PresenceMember): Seat {
  const nowhere = { seq: 0, node: null, isDoubtful: false, expected: 0, work: null };
  return { key, channel, member, isWanted: true, ...nowhere };
}

/** What the seats of a node need. */
export interface PresenceSeatsOptions {
  readonly bucket: PresenceBucket;
  readonly node: PresenceNode;
  readonly events: PresenceEvents;
}

const AT_ONCE = 200;

/**
 * The members of this node: which have to be there, and what is known of which are. A call says what has to be and
 * waits until it is; what could not be done because NATS did not answer is done once it does.
 */
export class PresenceSeats {
  readonly #options: PresenceSeatsOptions;
  readonly #seats = new Map<string, Seat>();

  constructor(options: PresenceSeatsOptions) {
    this.#options = options;
  }

  /** Puts a member on. */
  join(channel: string, member: PresenceMember): Promise<void> {
    const key = seatKey(channel, member.client);
    let seat = this.#seats.get(key);
    if (seat === undefined) {
      seat = newSeat(key, channel, member);
      this.#seats.set(key, seat);
    }
    seat.isWanted = true;
    // Even if it was there: another node may have it by now, and the last one that joins it has it.
    seat.node = null;
    return this.#settle(seat);
  }

  /** Takes a member off that this node put on. */
  leave(channel: string, client: string): Promise<void> {
    const seat = this.#seats.get(seatKey(channel, client));
    if (seat === undefined) return Promise.resolve();
    seat.isWanted = false;
    return this.#settle(seat);
  }

  /** Takes all off; stops at the first that can't be. */
  async leaveAll(): Promise<void> {
    for (const seat of this.#seats.values()) seat.isWanted = false;
    await this.settleAll();
  }

  /** Does what is still to be done. */
  async settleAll(): Promise<void> {
    await mapLimit(this.#seats.values(), AT_ONCE, (seat) => this.#settle(seat));
  }

  #settle(seat: Seat): Promise<void> {
    if (seat.work === null) {
      if (this.#isSettled(seat)) this.#forget(seat);
      else seat.work = this.#work(seat);
    }
    return seat.work ?? Promise.resolve();
  }

  #forget(seat: Seat): void {
    if (!seat.isWanted) this.#seats.delete(seat.key);
  }

  #isSettled(seat: Seat): boolean {
    if (seat.isDoubtful) return false;
    if (!seat.isWanted) return seat.seq === 0;
    return seat.node !== null && seat.node === this.#options.node.name;
  }

  async #work(seat: Seat): Promise<void> {
    try {
      do await this.#step(seat);
      while (!this.#isSettled(seat));
    } finally {
      // In the same turn in which it was looked at, so that nobody waits for work that is over.
      seat.work = null;
      if (this.#isSettled(seat)) this.#forget(seat);
    }
  }

  async #step(seat: Seat): Promise<void> {
    const node = await this.#options.node.live();
    try {
      await (seat.isWanted ? this.#put(seat, node) : this.#take(seat, node));
    } catch (error) {
      // What failed with a connection that was cut is tried again on the next one.
      if (node === this.#options.node.name) throw error;
    }
  }

  async #put(seat: Seat, node: string): Promise<void> {
    const { bucket } = this.#options;
    // In a new life it is most likely still where it was in the last one, so this takes one round trip.
    let expected = seat.isDoubtful ? 0 : seat.seq;
    let type: SeatRecord["type"] = expected > 0 ? "move" : "join";
    for (;;) {
      const seq = await this.#write(seat, type, node, expected);
      if (seq !== null) return this.#isAt(seat, seq, node);
      const kept = await bucket.last<SeatRecord>(seat.key);
      const isThere = kept !== null && isTaken(kept.data);
      if (isThere && kept.data.node === node) {
        // Written before, but the answer did not come.
        return this.#isAt(seat, kept.seq, node);
      }
      if (isThere && seat.node !== null && writerOf(kept.data.node) !== writerOf(node)) {
        // A new life puts on what the last one had, but this one has joined through another node since.
        seat.isWanted = false;
        return this.#isAt(seat, 0, null);
      }
      expected = kept?.seq ?? 0;
      type = isThere ? "move" : "join";
    }
  }

  async #take(seat: Seat, node: string): Promise<void> {
    while (seat.isDoubtful) {
      const kept = await this.#options.bucket.last<SeatRecord>(seat.key);
      const isThere = kept !== null && isTaken(kept.data);
      const isOurs = isThere && writerOf(kept.data.node) === writerOf(node);
      // It belongs to another node by now.
      if (isThere && !isOurs) return this.#isAt(seat, 0, null);
      // It has left, and the record says when: what is on its way expects an older one, and is refused.
      const hasLeft = kept?.data.type === "leave" && kept.seq !== seat.expected;
      if (hasLeft) return this.#isAt(seat, 0, null);
      const type = isOurs ? "leave" : "fence";
      const seq = await this.#write(seat, type, node, kept?.seq ?? 0, "last");
      if (seq !== null) return this.#isAt(seat, 0, null);
    }
    // Refused when another node has it by now, or took this one for dead: then it is not there for us either.
    await this.#write(seat, "leave", node, seat.seq, "last");
    this.#isAt(seat, 0, null);
  }

  async #write(
    seat: Seat,
    type: SeatRecord["type"],
    node: string,
    expected: number,
    last?: "last",
  ): Promise<number | null> {
    const { bucket, events, node: self } = this.#options;
    let n = 0;
    const newRecord = (): SeatRecord => {
      n = self.nextNumber();
      return { type, ...seat.member, node, n };
    };
    seat.isDoubtful = true;
    seat.expected = expected;
    const seq = await bucket.write(seat.key, newRecord, expected, last);
    if (seq !== null && (type === "join" || type === "leave"))
      await events.hasTold(seat.channel, n);
    return seq;
  }

  #isAt(seat: Seat, seq: number, node: string | null): void {
    seat.seq = seq;
    seat.node = node;
    seat.isDoubtful = false;
  }
}
