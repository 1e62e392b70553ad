import type { Consumer, ConsumerOptions, DeadLetter, EntryHandler } from "@anywire/core";
import { AnywireError } from "@anywire/types";
import type { ConsumerLeases, LeaseTaker } from "./consumer-leases.ts";
import { ConsumerRun, type ConsumerWork } from "./consumer-run.ts";
import type { ConsumerSaves } from "./consumer-saves.ts";
import { consumerSettings } from "./consumer-settings.ts";
import type { ConsumerSource } from "./consumer-source.ts";
import type { ConsumerStore } from "./consumer-store.ts";
import type { ConsumerTail } from "./consumer-tail.ts";

/** What the consumers of a node share. */
export interface ConsumerParts {
  readonly source: ConsumerSource;
  readonly tail: ConsumerTail;
  readonly store: ConsumerStore;
  readonly leases: ConsumerLeases;
  readonly saves: ConsumerSaves;
}

/** A durable consumer over any driver's log and store. While it holds the lease of its name it works; otherwise it stands by. */
export class DurableConsumer implements Consumer {
  readonly name: string;
  readonly #work: ConsumerWork;
  readonly #store: ConsumerStore;
  readonly #leases: ConsumerLeases;
  readonly #taker: LeaseTaker;
  #run: ConsumerRun | null = null;
  #starting: Promise<void> | null = null;
  #abandoned: ConsumerRun | null = null;
  /** Counts what makes a state that is being loaded worthless. */
  #losses = 0;
  #isClosed = false;

  constructor(parts: ConsumerParts, options: ConsumerOptions, handle: EntryHandler) {
    const { source, tail, store, leases, saves } = parts;
    this.name = options.name;
    this.#work = { source, tail, store, saves, settings: consumerSettings(options), handle };
    this.#store = store;
    this.#leases = leases;
    this.#taker = this.#createTaker();
  }

  /** Creates or takes up what is stored, and works if no other node does. */
  async start(): Promise<void> {
    await this.#store.open(this.name, this.#work.settings.startAt);
    try {
      await this.#leases.join(this.#taker);
    } catch (error) {
      await this.close().catch(() => {});
      throw error;
    }
  }

  async position(): Promise<number> {
    return this.#run?.position() ?? (await this.#store.position(this.name));
  }

  async lag(): Promise<number | null> {
    return this.#run?.lag ?? null;
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
    await this.#starting?.catch(() => {});
    try {
      await this.#run?.close();
    } finally {
      await this.#abandoned?.idle();
      await this.#leases.leave(this.#taker);
    }
  }

  #createTaker(): LeaseTaker {
    // Handlers of a lost lease may still be at entries that new work would begin with.
    const isHeldUp = (): boolean => this.#abandoned?.isBusy === true;
    return {
      name: this.name,
      get wantsLease() {
        return !isHeldUp();
      },
      onLease: () => this.#startRun(),
      onLoss: () => this.#dropRun(),
    };
  }

  #startRun(): Promise<void> {
    this.#run?.resume();
    if (this.#run !== null || this.#isClosed) return Promise.resolve();
    this.#starting ??= this.#loadRun().finally(() => {
      this.#starting = null;
    });
    return this.#starting;
  }

  async #loadRun(): Promise<void> {
    const term = {
      holder: this.#leases.holder,
      isHeld: () => this.#leases.isHeld(this.#taker),
      lose: () => {
        this.#leases.lose(this.#taker);
        this.#dropRun();
      },
    };
    const losses = this.#losses;
    const state = await this.#store.load(this.name);
    // Another node may have worked meanwhile; the next renewal loads again.
    if (losses !== this.#losses || !term.isHeld()) return;
    this.#run = new ConsumerRun(this.#work, term, state);
    this.#run.start();
  }

  #dropRun(): void {
    this.#losses += 1;
    if (this.#run === null) return;
    this.#run.abandon();
    this.#abandoned = this.#run;
    this.#run = null;
  }
}
