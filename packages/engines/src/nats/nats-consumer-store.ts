import { setTimeout as pause } from "node:timers/promises";
import type { DeadLetter } from "@anywire/core";
import type { ConsumerChanges, ConsumerState, ConsumerStore } from "../shared/consumer-store.ts";
import type { ConsumerRecord, ConsumerRecords } from "./consumer-records.ts";
import type { EntryReader } from "./entry-reader.ts";
import { noAnswer } from "./nats-faults.ts";
import { expectLast, type Outgoing, type StreamPublisher } from "./stream-publisher.ts";

/** Changes written in one piece; the server takes 1,000 messages. */
const MAX_CHANGES = 900;
const GIVE_UP_MS = 5_000;
const AGAIN_MS = 50;

/** A record that this node wrote last. */
interface Held {
  readonly seq: number;
  readonly record: ConsumerRecord;
}

/** A lease of another holder, and since when it has not been renewed, in the time of `performance.now`. */
interface Watched {
  readonly seq: number;
  readonly since: number;
}

/**
 * Keeps the durable consumers of a log in NATS. Each write names the record that it replaces, so that a holder that lost its
 * lease can write nothing more. No clock is compared with another: a lease has run out when its record was the same for as
 * long as it lasts, on the clock of who watches it.
 */
export class NatsConsumerStore implements ConsumerStore {
  readonly #records: ConsumerRecords;
  readonly #publisher: StreamPublisher;
  readonly #entries: EntryReader;
  /** By holder. */
  readonly #held = new Map<string, Held>();
  /** By name. */
  readonly #watched = new Map<string, Watched>();
  /** What a holder does last; one thing after the other. */
  readonly #turns = new Map<string, Promise<unknown>>();

  constructor(records: ConsumerRecords, publisher: StreamPublisher, entries: EntryReader) {
    this.#records = records;
    this.#publisher = publisher;
    this.#entries = entries;
  }

  async open(name: string, startAt: "first" | "head"): Promise<void> {
    if ((await this.#records.state(name)) !== undefined) return;
    const position = startAt === "head" ? await this.#entries.head() : 0;
    const record = { holder: "", leaseMs: 0, position, stamp: crypto.randomUUID() };
    // When another node was faster, its record stands.
    await this.#write(name, 0, record, []);
  }

  lease(name: string, holder: string, leaseMs: number): Promise<boolean> {
    return this.#inTurn(holder, async () => {
      const current = this.#held.get(holder) ?? (await this.#free(name));
      if (current === undefined) return false;
      return await this.#hold(name, current, { ...current.record, holder, leaseMs }, []);
    });
  }

  release(name: string, holder: string): Promise<void> {
    return this.#inTurn(holder, async () => {
      const held = this.#held.get(holder);
      if (held === undefined) return;
      try {
        await this.#hold(name, held, { ...held.record, holder: "" }, []);
      } catch {
        // Out of reach: it runs out by itself.
      }
      this.#held.delete(holder);
    }).finally(() => this.#turns.delete(holder));
  }

  async load(name: string): Promise<ConsumerState> {
    return { position: await this.position(name), parked: await this.#records.parked(name) };
  }

  save(name: string, holder: string, changes: ConsumerChanges): Promise<boolean> {
    return this.#inTurn(holder, async () => {
      const messages = this.#messagesOf(name, changes);
      const pieces = Math.max(1, Math.ceil(messages.length / MAX_CHANGES));
      for (let i = 0; i < pieces; i += 1) {
        const held = this.#held.get(holder);
        if (held === undefined) return false;
        // The position moves with the last piece: what is read again is at worst handled again.
        const position = i === pieces - 1 ? changes.position : held.record.position;
        const piece = messages.slice(i * MAX_CHANGES, (i + 1) * MAX_CHANGES);
        if (!(await this.#hold(name, held, { ...held.record, position }, piece))) return false;
      }
      return true;
    });
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

  /** The record of a consumer that nobody holds. */
  async #free(name: string): Promise<Held | undefined> {
    const state = await this.#records.state(name);
    if (state === undefined) return undefined;
    const { seq, item: record } = state;
    if (record.holder === "") return { seq, record };
    const now = performance.now();
    const watched = this.#watched.get(name);
    if (watched?.seq === seq) {
      return now - watched.since >= record.leaseMs ? { seq, record } : undefined;
    }
    this.#watched.set(name, { seq, since: now });
    return undefined;
  }

  /** Replaces a record by one of the holder's; false when it was not the last any more. */
  async #hold(
    name: string,
    { seq }: Held,
    next: ConsumerRecord,
    messages: readonly Outgoing[],
  ): Promise<boolean> {
    const record = { ...next, stamp: crypto.randomUUID() };
    const stored = await this.#write(name, seq, record, messages);
    if (stored === null) this.#held.delete(next.holder);
    else this.#held.set(next.holder, { seq: stored, record });
    return stored !== null;
  }

  /** The new sequence of the record; null when another one was written since. */
  async #write(
    name: string,
    seq: number,
    record: ConsumerRecord,
    messages: readonly Outgoing[],
  ): Promise<number | null> {
    const giveUpAt = performance.now() + GIVE_UP_MS;
    const state = this.#records.putState(name, record, expectLast(seq));
    for (;;) {
      const published = await this.#publisher.publish([state, ...messages]);
      if (published.outcome === "stored") return published.lastSeq - messages.length;
      if (published.outcome === "refused") throw published.error;
      // Without an answer it may have been written: then its stamp is there.
      const now = await this.#records.state(name);
      if (now?.item.stamp === record.stamp) return now.seq;
      if ((now?.seq ?? 0) !== seq) return null;
      if (performance.now() > giveUpAt) throw noAnswer(`the consumer ${name} could not be saved`);
      await pause(AGAIN_MS);
    }
  }

  #inTurn<T>(holder: string, work: () => Promise<T>): Promise<T> {
    const turn = (this.#turns.get(holder) ?? Promise.resolve()).then(work, work);
    this.#turns.set(holder, turn);
    return turn;
  }
}
