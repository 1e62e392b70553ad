import type { ConsumerStore } from "./consumer-store.ts";

/** A consumer that wants the lease of its name. */
export interface LeaseTaker {
  readonly name: string;
  /** False while the lease had better be another node's. */
  readonly wantsLease: boolean;
  /** The lease is this node's; called with each renewal. Resolves when the consumer works. */
  onLease(): Promise<void>;
  /** The lease may be another's. */
  onLoss(): void;
}

/**
 * The lease of one node, under which it has its consumers: taken and renewed with one call three times in its length, however
 * many consumers there are. Of several of one name on the node, the one that came first gets it.
 */
export class ConsumerLeases {
  readonly #store: ConsumerStore;
  readonly #leaseMs: number;
  /** By name, in the order in which they came. */
  readonly #takers = new Map<string, Set<LeaseTaker>>();
  readonly #held = new Set<LeaseTaker>();
  #holder = crypto.randomUUID();
  /** Until when the lease is surely ours, in the time of `performance.now`; `0` when there is none. */
  #heldUntil = 0;
  #timer: NodeJS.Timeout | undefined;
  #lastRound: Promise<void> = Promise.resolve();
  /** The round that has not begun yet. */
  #nextRound: Promise<void> | null = null;

  constructor(store: ConsumerStore, leaseMs: number) {
    this.#store = store;
    this.#leaseMs = leaseMs;
  }

  /** Who this node is among those with the same consumers, until it loses its lease. */
  get holder(): string {
    return this.#holder;
  }

  /** Asks for the lease, and again and again until `leave`. Resolves when it was asked for once, whoever has it. */
  async join(taker: LeaseTaker): Promise<void> {
    const namesakes = this.#takers.get(taker.name) ?? new Set();
    this.#takers.set(taker.name, namesakes.add(taker));
    await this.#ask();
    if (this.isHeld(taker)) await taker.onLease();
  }

  /** Gives the lease back. */
  async leave(taker: LeaseTaker): Promise<void> {
    const namesakes = this.#takers.get(taker.name);
    namesakes?.delete(taker);
    if (namesakes?.size === 0) this.#takers.delete(taker.name);
    this.lose(taker);
    if (this.#takers.size === 0) clearTimeout(this.#timer);
    // Another of the name on this node takes it over.
    if (this.#takers.has(taker.name)) return;
    await this.#store.release(this.#holder, taker.name);
    if (this.#takers.size === 0) await this.#beginAnew();
  }

  /** Whether nobody else, here or on another node, can be working now. */
  isHeld(taker: LeaseTaker): boolean {
    return performance.now() < this.#heldUntil && this.#held.has(taker);
  }

  /** The lease turned out to be another node's. */
  lose(taker: LeaseTaker): void {
    this.#held.delete(taker);
  }

  /** A round that begins from now on; who asks before it does shares it. */
  #ask(): Promise<void> {
    if (this.#nextRound !== null) return this.#nextRound;
    const next = this.#lastRound.then(() => {
      this.#nextRound = null;
      return this.#takeAll();
    });
    this.#nextRound = next;
    this.#lastRound = next.catch(() => {});
    return next;
  }

  #askLater(): void {
    clearTimeout(this.#timer);
    if (this.#takers.size === 0) return;
    this.#timer = setTimeout(() => this.#ask().catch(() => {}), this.#leaseMs / 3);
  }

  async #takeAll(): Promise<void> {
    const wanting = this.#first().filter((taker) => taker.wantsLease && !this.#held.has(taker));
    const names = wanting.map(({ name }) => name);
    const holder = this.#holder;
    const askedAt = performance.now();
    try {
      const taken = await this.#store.lease(holder, names, this.#leaseMs);
      if (holder !== this.#holder) return;
      if (taken !== null) return this.#take(wanting, new Set(taken), askedAt + this.#leaseMs);
      await this.#beginAnew();
      await this.#takeAll();
    } finally {
      // When the store cannot be reached, the lease runs out by itself.
      this.#askLater();
    }
  }

  #take(wanting: readonly LeaseTaker[], taken: ReadonlySet<string>, heldUntil: number): void {
    this.#heldUntil = heldUntil;
    for (const taker of wanting) {
      if (taken.has(taker.name) && this.#isFirst(taker)) this.#held.add(taker);
    }
    // What fails is tried again with the next renewal.
    for (const taker of this.#held) taker.onLease().catch(() => {});
  }

  /** Whatever was held may be another's: what comes next is under another lease. */
  async #beginAnew(): Promise<void> {
    const before = this.#holder;
    this.#holder = crypto.randomUUID();
    this.#heldUntil = 0;
    this.#held.clear();
    for (const taker of this.#first()) taker.onLoss();
    // Out of reach: it has run out, or will.
    await this.#store.end(before).catch(() => {});
  }

  #first(): LeaseTaker[] {
    return [...this.#takers.values()].flatMap(([first]) => first ?? []);
  }

  #isFirst(taker: LeaseTaker): boolean {
    const [first] = this.#takers.get(taker.name) ?? [];
    return first === taker;
  }
}
