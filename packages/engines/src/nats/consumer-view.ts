import type { ConsumerRecord, ConsumerRecords } from "./consumer-records.ts";
import type { RecordWriter } from "./record-writer.ts";
import type { Stored } from "./stream-reader.ts";

/** A lease of another holder, and since when it has not been renewed, in the time of `performance.now`. */
interface Watched {
  readonly seq: number;
  readonly since: number;
}

/**
 * What a node that stands by knows of consumers and of the leases they are under. No clock is compared with another: a
 * lease has run out when its record was the same for as long as it lasts, on the clock of who watches it; who finds that
 * ends it, and that fails when it was renewed meanwhile.
 */
export class ConsumerView {
  readonly #records: Pick<ConsumerRecords, "states" | "lease">;
  readonly #writer: Pick<RecordWriter, "writeLease">;
  readonly #states = new Map<string, Stored<ConsumerRecord>>();
  readonly #watched = new Map<string, Watched>();
  #seq = 0;
  /** Counts what makes a page that is being read worthless. */
  #generation = 0;

  constructor(
    records: Pick<ConsumerRecords, "states" | "lease">,
    writer: Pick<RecordWriter, "writeLease">,
  ) {
    this.#records = records;
    this.#writer = writer;
  }

  /**
   * Those of the consumers that nobody works, or the holder of `lease` does, as they are stored. What changed since the
   * last time is read for that.
   */
  async free(
    names: readonly string[],
    lease: string,
  ): Promise<ReadonlyMap<string, Stored<ConsumerRecord>>> {
    await this.#refresh();
    const found = names.flatMap((name) => {
      const state = this.#states.get(name);
      return state === undefined ? [] : [[name, state] as const];
    });
    const leases = [...new Set(found.map(([, { item }]) => item.lease))];
    const ended = new Set(["", lease]);
    await Promise.all(
      leases.map(async (id) => {
        if (!ended.has(id) && (await this.#end(id))) ended.add(id);
      }),
    );
    return new Map(found.filter(([, { item }]) => ended.has(item.lease)));
  }

  /** What was known of the stream counts no more. */
  forget(): void {
    this.#states.clear();
    this.#seq = 0;
    this.#generation += 1;
  }

  async #refresh(): Promise<void> {
    for (let hasMore = true; hasMore; ) {
      const generation = this.#generation;
      const page = await this.#records.states(this.#seq + 1);
      if (generation !== this.#generation) continue;
      for (const { name, state } of page.items) {
        if (state.seq > (this.#states.get(name)?.seq ?? 0)) this.#states.set(name, state);
      }
      this.#seq = Math.max(this.#seq, page.lastSeq);
      hasMore = page.hasMore;
    }
  }

  /** Whether a lease is over. */
  async #end(id: string): Promise<boolean> {
    const lease = await this.#records.lease(id);
    const now = performance.now();
    if (lease === undefined || lease.item.leaseMs === 0) {
      this.#watched.delete(id);
      return true;
    }
    const watched = this.#watched.get(id);
    if (watched?.seq !== lease.seq) {
      this.#watched.set(id, { seq: lease.seq, since: now });
      return false;
    }
    if (now - watched.since < lease.item.leaseMs) return false;
    return (await this.#writer.writeLease(id, lease.seq, 0)) !== null;
  }
}
