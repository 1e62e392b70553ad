import type { ConsumerRecord } from "./consumer-records.ts";
import type { ConsumerView } from "./consumer-view.ts";
import type { RecordWriter } from "./record-writer.ts";
import type { Outgoing } from "./stream-publisher.ts";

/** Consumers that are taken at once. */
const MAX_TAKEN = 500;

/** A consumer's record that this holder wrote last. */
interface Held {
  readonly seq: number;
  readonly record: Omit<ConsumerRecord, "stamp">;
}

/** One who works consumers, under a lease that others may end once it was not renewed in time. */
export class ConsumerHolder {
  readonly #writer: RecordWriter;
  readonly #view: ConsumerView;
  readonly #held = new Map<string, Held>();
  /** Of the lease. */
  readonly #id = crypto.randomUUID();
  /** Of its record as it was written last; `0` before. */
  #seq = 0;
  /** What is done to a consumer last; one thing after the other. */
  readonly #turns = new Map<string, Promise<unknown>>();
  #taking: Promise<unknown> = Promise.resolve();

  constructor(writer: RecordWriter, view: ConsumerView) {
    this.#writer = writer;
    this.#view = view;
  }

  /**
   * Renews the lease and takes what is free of the consumers, as far as there is time until it has to be renewed again.
   * Resolves with those it has, null when the lease was ended.
   */
  take(names: readonly string[], leaseMs: number): Promise<readonly string[] | null> {
    const taking = this.#taking.then(() => this.#take(names, leaseMs));
    this.#taking = taking.catch(() => {});
    return taking;
  }

  /** Gives a consumer back. */
  async release(name: string): Promise<void> {
    await this.#taking;
    await this.#inTurn(name, async () => {
      const held = this.#held.get(name);
      this.#held.delete(name);
      if (held === undefined) return;
      try {
        await this.#writer.writeState(name, held.seq, { ...held.record, lease: "" }, []);
      } catch {
        // Out of reach: it is free once the lease has run out.
      }
    });
  }

  /** Ends the lease: what the holder has is free. */
  async end(): Promise<void> {
    await this.#taking;
    try {
      if (this.#seq > 0) await this.#writer.writeLease(this.#id, this.#seq, 0);
    } catch {
      // Out of reach: it runs out by itself.
    }
  }

  /** Writes where a consumer is, null for where it was, and messages with it. False when it is another's. */
  save(name: string, position: number | null, messages: readonly Outgoing[]): Promise<boolean> {
    return this.#inTurn(name, async () => {
      const held = this.#held.get(name);
      if (held === undefined) return false;
      const record = { ...held.record, position: position ?? held.record.position };
      return await this.#hold(name, held.seq, record, messages);
    });
  }

  async #take(names: readonly string[], leaseMs: number): Promise<readonly string[] | null> {
    const begunAt = performance.now();
    const seq = await this.#writer.writeLease(this.#id, this.#seq, leaseMs);
    // Somebody found that it ran out: whatever was held may be another's.
    if (seq === null) return null;
    this.#seq = seq;
    const missing = names.filter((name) => !this.#held.has(name));
    if (missing.length > 0) await this.#takeFree(missing, begunAt + leaseMs / 3);
    return names.filter((name) => this.#held.has(name));
  }

  /** Takes what there is time for, some of it at least; the others are asked for again with the next renewal. */
  async #takeFree(names: readonly string[], until: number): Promise<void> {
    const lease = this.#id;
    const free = [...(await this.#view.free(names, lease))];
    do {
      // Who could not be written is asked for again as well.
      await Promise.allSettled(
        free
          .splice(0, MAX_TAKEN)
          .map(([name, { seq, item }]) =>
            this.#inTurn(name, () => this.#hold(name, seq, { lease, position: item.position }, [])),
          ),
      );
    } while (free.length > 0 && performance.now() < until);
  }

  /** Replaces a record by one of the holder's; false when it was not the last any more. */
  async #hold(
    name: string,
    seq: number,
    record: Held["record"],
    messages: readonly Outgoing[],
  ): Promise<boolean> {
    const stored = await this.#writer.writeState(name, seq, record, messages);
    if (stored === null) this.#held.delete(name);
    else this.#held.set(name, { seq: stored, record });
    return stored !== null;
  }

  #inTurn<T>(name: string, work: () => Promise<T>): Promise<T> {
    const turn = (this.#turns.get(name) ?? Promise.resolve()).then(work, work);
    this.#turns.set(name, turn);
    return turn;
  }
}
