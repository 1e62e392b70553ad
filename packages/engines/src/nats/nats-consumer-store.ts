import type { DeadLetter } from "@anywire/core";
import type {
  ConsumerChanges,
  ConsumerStart,
  ConsumerState,
  ConsumerStore,
} from "../shared/consumer-store.ts";
import { ConsumerHolder } from "./consumer-holder.ts";
import type { ConsumerRecords } from "./consumer-records.ts";
import { ConsumerView } from "./consumer-view.ts";
import type { EntryReader } from "./entry-reader.ts";
import { RecordWriter } from "./record-writer.ts";
import type { Outgoing, StreamPublisher } from "./stream-publisher.ts";

/** Changes written in one piece; the server takes 1,000 messages. */
const MAX_CHANGES = 900;

/**
 * Keeps the durable consumers of a log in NATS. The record of a consumer names the lease under which it is worked; that is
 * a record as well, one for all consumers of a holder, so that only one has to be renewed. Each write names the record
 * that it replaces, so that a holder that lost a consumer can write nothing more.
 */
export class NatsConsumerStore implements ConsumerStore {
  readonly #records: ConsumerRecords;
  readonly #writer: RecordWriter;
  readonly #entries: EntryReader;
  readonly #view: ConsumerView;
  readonly #holders = new Map<string, ConsumerHolder>();

  constructor(records: ConsumerRecords, publisher: StreamPublisher, entries: EntryReader) {
    this.#records = records;
    this.#writer = new RecordWriter(records, publisher);
    this.#entries = entries;
    this.#view = new ConsumerView(records, this.#writer);
  }

  async open(name: string, startAt: ConsumerStart): Promise<void> {
    if ((await this.#records.state(name)) !== undefined) return;
    const behind = typeof startAt === "number" ? startAt : 0;
    const position = startAt === "head" ? await this.#entries.head() : behind;
    // When another node was faster, its record stands.
    await this.#writer.writeState(name, 0, { lease: "", position }, []);
  }

  lease(
    holder: string,
    names: readonly string[],
    leaseMs: number,
  ): Promise<readonly string[] | null> {
    const known = this.#holders.get(holder) ?? new ConsumerHolder(this.#writer, this.#view);
    this.#holders.set(holder, known);
    return known.take(names, leaseMs);
  }

  async release(holder: string, name: string): Promise<void> {
    await this.#holders.get(holder)?.release(name);
  }

  async end(holder: string): Promise<void> {
    const known = this.#holders.get(holder);
    this.#holders.delete(holder);
    await known?.end();
  }

  /** What was known of the stream counts no more: it may be another one. */
  forget(): void {
    this.#view.forget();
  }

  async load(name: string): Promise<ConsumerState> {
    return { position: await this.position(name), parked: await this.#records.parked(name) };
  }

  async save(holder: string, name: string, changes: ConsumerChanges): Promise<boolean> {
    const messages = this.#messagesOf(name, changes);
    const pieces = Math.max(1, Math.ceil(messages.length / MAX_CHANGES));
    for (let i = 0; i < pieces; i += 1) {
      // The position moves with the last piece: what is read again is at worst handled again.
      const position = i === pieces - 1 ? changes.position : null;
      const piece = messages.slice(i * MAX_CHANGES, (i + 1) * MAX_CHANGES);
      if ((await this.#holders.get(holder)?.save(name, position, piece)) !== true) return false;
    }
    return true;
  }

  async position(name: string): Promise<number> {
    return (await this.#records.state(name))?.item.position ?? 0;
  }

  async deadLetters(name: string, after: number, limit: number): Promise<readonly DeadLetter[]> {
    const offsets = (await this.#records.deadOffsets(name)).filter((offset) => offset > after);
    const letters: DeadLetter[] = [];
    while (offsets.length > 0 && letters.length < limit) {
      const some = offsets.splice(0, limit - letters.length);
      const found = await Promise.all(some.map((offset) => this.#deadLetter(name, offset)));
      letters.push(...found.filter((letter) => letter !== undefined));
    }
    return letters;
  }

  async #deadLetter(name: string, offset: number): Promise<DeadLetter | undefined> {
    const givenUp = await this.#records.dead(name, offset);
    if (givenUp === undefined) return undefined;
    const entry = await this.#entries.entry(offset);
    if (entry === undefined) return undefined;
    const { attempts, error, at } = givenUp;
    return { entry, attempts, error, at };
  }

  #messagesOf(name: string, changes: ConsumerChanges): Outgoing[] {
    const records = this.#records;
    return [
      ...changes.parked.map((parked) => records.putParked(name, parked)),
      ...changes.unparked.map((channel) => records.removeParked(name, channel)),
      ...changes.givenUp.map((givenUp) => records.putDead(name, givenUp)),
      ...changes.revived.map((offset) => records.removeDead(name, offset)),
    ];
  }
}
