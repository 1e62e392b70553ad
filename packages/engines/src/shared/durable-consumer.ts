import type { Consumer, ConsumerOptions, DeadLetter, EntryHandler } from "@anywire/core";
import { AnywireError } from "@anywire/types";
import { ConsumerRun, type ConsumerWork } from "./consumer-run.ts";
import { consumerSettings } from "./consumer-settings.ts";
import type { ConsumerSource } from "./consumer-source.ts";
import type { ConsumerStore } from "./consumer-store.ts";

/**
 * A durable consumer over any driver's log and store. While it holds the lease of its name it works;
 * otherwise it stands by and asks for the lease again, three times in a lease's length.
 */
export class DurableConsumer implements Consumer {
  readonly name: string;
  readonly #work: ConsumerWork;
  readonly #store: ConsumerStore;
  readonly #leaseMs: number;
  /** Who this consumer is among those of its name. */
  readonly #holder = crypto.randomUUID();
  #run: ConsumerRun | null = null;
  #abandoned: ConsumerRun | null = null;
  /** Until when the lease is surely ours, in the time of `performance.now`. */
  #heldUntil = 0;
  #isClosed = false;
  #timer: NodeJS.Timeout | undefined;
  #asking: Promise<void> = Promise.resolve();

  constructor(
    source: ConsumerSource,
    store: ConsumerStore,
    leaseMs: number,
    options: ConsumerOptions,
    handle: EntryHandler,
  ) {
    this.name = options.name;
    this.#work = { source, store, settings: consumerSettings(options), handle };
    this.#store = store;
    this.#leaseMs = leaseMs;
  }

  /** Creates or takes up what is stored, and works if no other node does. */
  async start(): Promise<void> {
    await this.#store.open(this.name, this.#work.settings.startAt);
    await this.#takeLease();
    this.#askLater();
  }

  async position(): Promise<number> {
    return this.#run?.position() ?? (await this.#store.position(this.name));
  }

  async deadLetters(after: number, limit: number): Promise<readonly DeadLetter[]> {
    await this.#run?.flush();
    return await this.#store.deadLetters(this.name, after, limit);
  }

  async replay(offset: number): Promise<boolean> {
    if (this.#run === null) {
      throw new AnywireError(
        "unavailable",
        `another node works the consumer ${this.name}; replay its dead letters there`,
      );
    }
    return await this.#run.replay(offset);
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    clearTimeout(this.#timer);
    await this.#asking;
    try {
      await this.#run?.close();
    } finally {
      await this.#store.release(this.name, this.#holder);
    }
  }

  #askLater(): void {
    if (this.#isClosed) return;
    this.#timer = setTimeout(() => {
      this.#asking = this.#takeLease()
        // The store cannot be reached: the lease runs out by itself, and the next turn asks again.
        .catch(() => this.#dropLostLease())
        .then(() => this.#askLater());
    }, this.#leaseMs / 3);
  }

  async #takeLease(): Promise<void> {
    // A lease that ran out, say in a blocked event loop, may have been another's meanwhile.
    this.#dropLostLease();
    // Handlers of a lost lease may still be at entries that the new work would begin with.
    if (this.#abandoned?.isBusy === true) return;
    const askedAt = performance.now();
    const isOurs = await this.#store.lease(this.name, this.#holder, this.#leaseMs);
    this.#heldUntil = isOurs ? askedAt + this.#leaseMs : 0;
    this.#dropLostLease();
    if (isOurs && this.#run === null && !this.#isClosed) await this.#startRun();
  }

  #dropLostLease(): void {
    if (this.#isHeld() || this.#run === null) return;
    this.#run.abandon();
    this.#abandoned = this.#run;
    this.#run = null;
  }

  async #startRun(): Promise<void> {
    const term = {
      holder: this.#holder,
      isHeld: () => this.#isHeld(),
      lose: () => {
        this.#heldUntil = 0;
        this.#dropLostLease();
      },
    };
    const state = await this.#store.load(this.name);
    this.#run = new ConsumerRun(this.#work, term, state);
    this.#run.start();
  }

  #isHeld(): boolean {
    return performance.now() < this.#heldUntil;
  }
}
