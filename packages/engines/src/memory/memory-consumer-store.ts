import type { DeadLetter, LogEntry } from "@anywire/core";
import type {
  ConsumerChanges,
  ConsumerState,
  ConsumerStore,
  GivenUp,
  ParkedChannel,
} from "../shared/consumer-store.ts";

interface StoredConsumer {
  position: number;
  holder: string;
  /** When the lease ends, ms since the Unix epoch. */
  heldUntil: number;
  readonly parked: Map<string, ParkedChannel>;
  readonly givenUp: Map<number, GivenUp>;
}

/** Keeps the durable consumers of a memory log for as long as the process lives. */
export class MemoryConsumerStore implements ConsumerStore {
  /** The log's entries; the one with offset `n` at index `n - 1`. */
  readonly #entries: readonly LogEntry[];
  readonly #consumers = new Map<string, StoredConsumer>();

  constructor(entries: readonly LogEntry[]) {
    this.#entries = entries;
  }

  async open(name: string, startAt: "first" | "head"): Promise<void> {
    if (this.#consumers.has(name)) return;
    const position = startAt === "head" ? this.#entries.length : 0;
    const parked = new Map<string, ParkedChannel>();
    const givenUp = new Map<number, GivenUp>();
    this.#consumers.set(name, { position, holder: "", heldUntil: 0, parked, givenUp });
  }

  async lease(name: string, holder: string, leaseMs: number): Promise<boolean> {
    const consumer = this.#get(name);
    if (consumer.holder !== holder && consumer.heldUntil > Date.now()) return false;
    consumer.holder = holder;
    consumer.heldUntil = Date.now() + leaseMs;
    return true;
  }

  async release(name: string, holder: string): Promise<void> {
    const consumer = this.#get(name);
    if (consumer.holder === holder) consumer.heldUntil = 0;
  }

  async load(name: string): Promise<ConsumerState> {
    const { position, parked } = this.#get(name);
    return { position, parked: [...parked.values()] };
  }

  async save(name: string, holder: string, changes: ConsumerChanges): Promise<boolean> {
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

  #get(name: string): StoredConsumer {
    const consumer = this.#consumers.get(name);
    if (consumer === undefined) throw new Error(`the consumer ${name} was not opened`);
    return consumer;
  }
}
