import type { Msg } from "@nats-io/transport-node";
import { mapLimit } from "../shared/map-limit.ts";
import { type PresenceBucket, sequenceOf, storedAt } from "./nats-presence-bucket.ts";
import type { PresenceEvents } from "./nats-presence-events.ts";
import {
  ALL_NODES,
  ALL_SEATS,
  channelOfSeat,
  isTaken,
  type NodeRecord,
  nodeKey,
  nodeName,
  parseRecord,
  type SeatRecord,
} from "./nats-presence-record.ts";

/** One life of a node: from when its key was written until somebody may have taken it for dead. */
interface Life {
  readonly name: string;
  /** Sequence of its key. */
  seq: number;
  /** One renewal at a time, since each expects what the one before has written. */
  isRenewing: boolean;
}

/** A node that this one has found dead. */
interface Claim {
  readonly key: string;
  readonly seq: number;
}

/** A node, as its key says. */
interface SeenNode extends Claim {
  readonly name: string;
  /** When it last wrote it, by the server's clock. */
  readonly at: number;
  readonly type: NodeRecord["type"];
}

/** What a node's life needs. */
export interface PresenceNodeOptions {
  readonly bucket: PresenceBucket;
  readonly events: PresenceEvents;
  /** This node's name as a writer, in all its lives. */
  readonly writer: string;
  readonly leaseMs: number;
  /** Called when a life has begun, and at every renewal: what is to be there has to be put on. */
  onAlive(): void;
}

/** Renewals in a lease: a node is dead after three that are missing, which the others see with the fourth. */
const RENEWALS = 5;
const MISSING_RENEWALS = 3;
const SWEEPS_AT_ONCE = 200;

/**
 * That this node lives, and whether the others do. Each node renews one key, whatever the number of its members. A key
 * outlives its node, so that whoever comes next finds what there is to clear away; how old it is, says the clock of the
 * server alone. Who finds one too old claims it by compare-and-set; from then on its owner cannot renew it and has to
 * begin a new life, in which it puts its members on again.
 */
export class PresenceNode {
  readonly #options: PresenceNodeOptions;
  readonly #bucket: PresenceBucket;
  readonly #renewMs: number;
  readonly #silentMs: number;
  #lives = 0;
  #seatsWritten = 0;
  #life: Life | null = null;
  #beginning: Promise<string> | null = null;
  #renewedAt = 0;
  /** Since when the server has been there for us without a break. When it was not, others could not renew either. */
  #steadySince = Number.NEGATIVE_INFINITY;
  /** Nodes that were claimed and are not cleared away yet. */
  readonly #claimed: Claim[] = [];
  #sweeping: Promise<void> | null = null;
  #ticking: Promise<void> = Promise.resolve();
  #timer: NodeJS.Timeout | null = null;
  #hasFailed = false;
  #isClosed = false;

  constructor(options: PresenceNodeOptions) {
    this.#options = options;
    this.#bucket = options.bucket;
    this.#renewMs = options.leaseMs / RENEWALS;
    this.#silentMs = MISSING_RENEWALS * this.#renewMs;
  }

  /** Its name in this life; null when that is over and the next has not begun. */
  get name(): string | null {
    return this.#life?.name ?? null;
  }

  /** The number of the next seat that this node writes. */
  nextNumber(): number {
    this.#seatsWritten += 1;
    return this.#seatsWritten;
  }

  /** Begins to live, and clears away what dead nodes have left. */
  async start(): Promise<void> {
    await this.live();
    await this.#renew();
    await this.#sweep(this.#claimed.splice(0));
  }

  /** Its name in this life, or the next one's when that is over. @throws {AnywireError} `unavailable` */
  live(): Promise<string> {
    if (this.#life !== null) return Promise.resolve(this.#life.name);
    this.#beginning ??= this.#begin();
    return this.#beginning;
  }

  /** Its life may be over: the next begins. */
  end(): void {
    this.#life = null;
    this.#beginning = null;
    if (!this.#isClosed) this.live().catch(later);
  }

  /** Renews nothing more. */
  async stop(): Promise<void> {
    this.#isClosed = true;
    clearTimeout(this.#timer ?? undefined);
    await this.#ticking;
    await this.#sweeping;
  }

  /** Says that it is no more, when its members are off. */
  async leave(): Promise<void> {
    if (this.#life === null) return;
    const { name, seq } = this.#life;
    await this.#bucket.write(nodeKey(name), () => ({ type: "left" }), seq, "last");
  }

  #begin(): Promise<string> {
    const beginning = this.#enter().then(
      (life) => {
        if (this.#beginning !== beginning) return life.name;
        this.#beginning = null;
        this.#life = life;
        this.#schedule();
        this.#options.onAlive();
        return life.name;
      },
      (error: unknown) => {
        if (this.#beginning === beginning) this.#beginning = null;
        throw error;
      },
    );
    return beginning;
  }

  async #enter(): Promise<Life> {
    await this.#bucket.open();
    for (;;) {
      this.#lives += 1;
      const name = nodeName(this.#options.writer, this.#lives);
      const seq = await this.#bucket.write(nodeKey(name), () => ({ type: "alive" }), 0);
      if (seq !== null) return { name, seq, isRenewing: false };
    }
  }

  /** A new life does not wait for what the one before waits for: an answer that was lost with its connection. */
  #schedule(): void {
    clearTimeout(this.#timer ?? undefined);
    if (this.#isClosed) return;
    const timer = setTimeout(() => {
      this.#ticking = this.#tick().then(() => {
        if (this.#timer === timer) this.#schedule();
      });
    }, this.#renewMs);
    this.#timer = timer.unref();
  }

  /** Whoever calls the driver hears what does not work, so a tick keeps it to itself. */
  async #tick(): Promise<void> {
    try {
      if (this.#hasFailed) await this.#bucket.open();
      await this.live();
      await this.#renew();
      this.#hasFailed = false;
      // Beside the renewals, since it may take longer than they may wait.
      if (this.#claimed.length > 0) this.#sweeping ??= this.#sweepClaimed();
    } catch {
      this.#hasFailed = true;
    }
    this.#options.onAlive();
  }

  /** Renews the key and claims the nodes that have not for too long. */
  async #renew(): Promise<void> {
    const life = this.#life;
    if (life === null || life.isRenewing) return;
    life.isRenewing = true;
    try {
      const seq = await this.#bucket.write(nodeKey(life.name), () => ({ type: "alive" }), life.seq);
      if (seq !== null) life.seq = seq;
      const nodes = await this.#nodes();
      const own = nodes.find(({ name }) => name === life.name);
      if (seq !== null && own !== undefined) await this.#claimSilent(nodes, own.at);
      else if (this.#life === life) {
        // Others thought it dead, or NATS has forgotten everything.
        this.end();
        this.#options.events.missed();
      }
    } finally {
      life.isRenewing = false;
    }
  }

  async #claimSilent(nodes: readonly SeenNode[], now: number): Promise<void> {
    if (this.#renewedAt > 0 && now - this.#renewedAt > 2 * this.#renewMs) this.#steadySince = now;
    this.#renewedAt = now;
    if (now - this.#steadySince < this.#silentMs) return;
    const silent = nodes.filter(({ at, type }) => type !== "left" && now - at > this.#silentMs);
    await Promise.all(
      silent.map(async ({ key, seq }) => {
        const claim = await this.#bucket.write(key, () => ({ type: "claimed" }), seq);
        if (claim !== null) this.#claimed.push({ key, seq: claim });
      }),
    );
  }

  async #sweepClaimed(): Promise<void> {
    try {
      while (this.#claimed.length > 0) await this.#sweep(this.#claimed.splice(0));
    } catch {
      // What is claimed and not cleared away becomes too old again.
    } finally {
      this.#sweeping = null;
    }
  }

  /** Takes off the members of all nodes that are not alive, and then forgets those that were claimed before. */
  async #sweep(claimed: readonly Claim[]): Promise<void> {
    const { events } = this.#options;
    const seats = await this.#bucket.list(ALL_SEATS);
    // After the seats: a node writes its key first, so what has no living node now has lost it.
    const nodes = await this.#nodes();
    const alive = new Set(nodes.flatMap(({ name, type }) => (type === "alive" ? [name] : [])));
    if (this.#life === null || !alive.has(this.#life.name)) return;
    const sweeper = this.#life.name;
    await mapLimit(seats, SWEEPS_AT_ONCE, async (seat) => {
      const record = parseRecord<SeatRecord>(seat.data);
      if (!isTaken(record) || alive.has(record.node)) return;
      const { client, user } = record;
      const leave = (): SeatRecord => {
        const origin = { node: sweeper, n: this.nextNumber() };
        return { type: "leave", client, user, ...origin, isOrphan: true };
      };
      const key = this.#bucket.keyOf(seat);
      const left = await this.#bucket.write(key, leave, sequenceOf(seat), "last");
      if (left !== null) events.tellOrphan(channelOfSeat(key), { client, user });
    });
    for (const { key, seq } of claimed) {
      await this.#bucket.write(key, () => ({ type: "left" }), seq, "last");
    }
  }

  async #nodes(): Promise<SeenNode[]> {
    return (await this.#bucket.list(ALL_NODES)).map((message: Msg) => {
      const key = this.#bucket.keyOf(message);
      return {
        key,
        name: key.slice(nodeKey("").length),
        seq: sequenceOf(message),
        at: storedAt(message),
        type: parseRecord<NodeRecord>(message.data).type,
      };
    });
  }
}

/** It is tried again with the next tick. */
function later(): void {}
