import type { DeadLetter, LogEntry } from "@anywire/core";
import type {
  ConsumerChanges,
  ConsumerStart,
  ConsumerState,
  ConsumerStore,
  GivenUp,
  ParkedChannel,
} from "../shared/consumer-store.ts";

interface StoredConsumer {
  position: number;
  /** Who works it, for as long as the lease of that holder lasts; empty for nobody. */
  holder: string;
  readonly parked: Map<string, ParkedChannel>;
  readonly givenUp: Map<number, GivenUp>;
}

/** Keeps the durable consumers of a memory log for as long as the process lives. */
export class MemoryConsumerStore implements ConsumerStore {
  /** The log's entries; the one with offset `n` at index `n - 1`. */
  readonly #entries: readonly LogEntry[];
  readonly #consumers = new Map<string, StoredConsumer>();
  /** When the lease of a holder runs out, ms since the Unix epoch; `0` when another has ended it. */
  readonly #heldUntil = new Map<string, number>();

  constructor(entries: readonly LogEntry[]) {
    this.#entries = entries;
  }

  async open(name: string, startAt: ConsumerStart): Promise<void> {
    if (this.#consumers.has(name)) return;
    const behind = typeof startAt === "number" ? startAt : 0;
    const position = startAt === "head" ? this.#entries.length : behind;
    const parked = new Map<string, ParkedChannel>();
    const givenUp = new Map<number, GivenUp>();
    this.#consumers.set(name, { position, holder: "", parked, givenUp });
  }

  async lease(
    holder: string,
    names: readonly string[],
    leaseMs: number,
  ): Promise<readonly string[] | null> {
    if (this.#heldUntil.get(holder) === 0) return null;
    const now = Date.now();
    this.#heldUntil.set(holder, now + leaseMs);
    for (const [other, until] of this.#heldUntil) if (until <= now) this.#heldUntil.set(other, 0);
    for (const name of names) {
      const consumer = this.#get(name);
      if (!this.#isHeld(consumer.holder)) consumer.holder = holder;
    }
    return names.filter((name) => this.#get(name).holder === holder);
  }

  async release(holder: string, name: string): Promise<void> {
    const consumer = this.#get(name);
    if (consumer.holder === holder) consumer.holder = "";
  }

  async end(holder: string): Promise<void> {
    this.#heldUntil.delete(holder);
  }

  async load(name: string): Promise<ConsumerState> {
    const { position, parked } = this.#get(name);
    return { position, parked: [...parked.values()] };
  }

  async save(holder: string, name: string, changes: ConsumerChanges): Promise<boolean> {
    const consumer = this.#get(name);
    if (consumer.holder !== holder) return false;
    consumer.position = changes.position;
    for (const channel of changes.unparked) consumer.parked.delete(channel);
    for (const parked of changes.parked) consumer.parked.set(parked.channel, parked);
    for (const givenUp of changes.givenUp) consumer.givenUp.set(givenUp.offset, givenUp);
    for (const offset of changes.revived) consumer.givenUp.delete(offset);
    return true;
  }

  async position(name: string): Promise<number> {
    return this.#get(name).position;
  }

  async deadLetters(name: string, after: number, limit: number): Promise<readonly DeadLetter[]> {
    return [...this.#get(name).givenUp.values()]
      .filter(({ offset }) => offset > after)
      .sort((a, b) => a.offset - b.offset)
      .slice(0, limit)
      .flatMap(({ offset, attempts, error, at }) => {
        const entry = this.#entries[offset - 1];
        return entry === undefined ? [] : [{ entry, attempts, error, at }];
      });
  }

  #isHeld(holder: string): boolean {
    return (this.#heldUntil.get(holder) ?? 0) > 0;
  }

  #get(name: string): StoredConsumer {
    const consumer = this.#consumers.get(name);
    if (consumer === undefined) throw new Error(`the consumer ${name} was not opened`);
    return consumer;
  }
}
