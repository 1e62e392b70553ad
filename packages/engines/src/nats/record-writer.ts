import { setTimeout as pause } from "node:timers/promises";
import type { ConsumerRecord, ConsumerRecords, LeaseRecord } from "./consumer-records.ts";
import { noAnswer } from "./nats-faults.ts";
import { expectLast, type Outgoing, type StreamPublisher } from "./stream-publisher.ts";
import type { Stored } from "./stream-reader.ts";

const GIVE_UP_MS = 5_000;
const AGAIN_MS = 50;

/** What a compare-and-set is made of. */
interface Replacement {
  /** What is written, for the error. */
  readonly what: string;
  /** The sequence of the record that is replaced; `0` when there is none. */
  readonly seq: number;
  readonly stamp: string;
  readonly message: Outgoing;
  /** Written with it or not at all. */
  readonly others: readonly Outgoing[];
  /** What is there now. */
  read(): Promise<Stored<{ readonly stamp: string }> | undefined>;
}

/** Replaces records of consumers and leases, each only while it is the last one; nothing is lost with an answer. */
export class RecordWriter {
  readonly #records: ConsumerRecords;
  readonly #publisher: StreamPublisher;

  constructor(records: ConsumerRecords, publisher: StreamPublisher) {
    this.#records = records;
    this.#publisher = publisher;
  }

  /** Writes where a consumer is: the new sequence, or null when the record with `seq` was not the last any more. */
  writeState(
    name: string,
    seq: number,
    record: Omit<ConsumerRecord, "stamp">,
    others: readonly Outgoing[],
  ): Promise<number | null> {
    const stamp = crypto.randomUUID();
    return this.#replace({
      what: `the consumer ${name}`,
      seq,
      stamp,
      message: this.#records.putState(name, { ...record, stamp }, expectLast(seq)),
      others,
      read: () => this.#records.state(name),
    });
  }

  /** Writes a lease in the same way; without milliseconds it ends it. */
  writeLease(id: string, seq: number, leaseMs: number): Promise<number | null> {
    const record: LeaseRecord = { leaseMs, stamp: crypto.randomUUID() };
    return this.#replace({
      what: "a lease of consumers",
      seq,
      stamp: record.stamp,
      message: this.#records.putLease(id, record, expectLast(seq)),
      others: [],
      read: () => this.#records.lease(id),
    });
  }

  async #replace({ what, seq, stamp, message, others, read }: Replacement): Promise<number | null> {
    const giveUpAt = performance.now() + GIVE_UP_MS;
    for (;;) {
      const published = await this.#publisher.publish([message, ...others]);
      if (published.outcome === "stored") return published.lastSeq - others.length;
      if (published.outcome === "refused") throw published.error;
      // Without an answer it may have been written: then its stamp is there.
      const now = await read();
      if (now?.item.stamp === stamp) return now.seq;
      if ((now?.seq ?? 0) !== seq) return null;
      if (performance.now() > giveUpAt) throw noAnswer(`${what} could not be saved`);
      await pause(AGAIN_MS);
    }
  }
}
