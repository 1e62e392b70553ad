import type { KeyValueStore } from "@anywire/core";
import { z } from "zod";
import { RUN_FAILURES } from "../run.ts";
import { type CountedRuns, RunCounter } from "./function-stats.ts";

const PREFIX = "functions.stats.";
/** What a node told is forgotten after this, unless it tells it again, ms. */
const TTL_MS = 20_000;
/** A value that is longer than a store takes is told in pieces, characters. */
const MAX_LENGTH = 60_000;
const PAGE = 1_000;

const count = z.int().min(0);
const countedSchema = z.record(
  z.string(),
  z.object({
    runs: count,
    errors: count,
    retries: count,
    differences: count,
    lastRunAt: z.int().nullable(),
    lastError: z
      .object({
        failure: z.enum(RUN_FAILURES),
        message: z.string(),
        stack: z.string().exactOptional(),
        at: z.int(),
      })
      .nullable(),
    durations: z.array(z.tuple([count, count])),
  }),
);

/** What all nodes counted: each tells the others in the key-value store, and is forgotten there soon after it stopped. */
export class SharedStats {
  readonly #kv: KeyValueStore;
  readonly #node = crypto.randomUUID();
  readonly #counters = new Map<string, RunCounter>();
  #pieces = 0;

  constructor(kv: KeyValueStore) {
    this.#kv = kv;
  }

  /** The counter of a function, on this node. */
  of(name: string): RunCounter {
    let counter = this.#counters.get(name);
    if (counter === undefined) {
      counter = new RunCounter();
      this.#counters.set(name, counter);
    }
    return counter;
  }

  /** Tells the others what was counted here. To be called more often than it is forgotten. */
  async tell(): Promise<void> {
    const pieces = this.#toPieces();
    while (pieces.length < this.#pieces) pieces.push("{}");
    this.#pieces = pieces.length;
    await Promise.all(pieces.map((text, i) => this.#kv.set(this.#key(i), text, { ttlMs: TTL_MS })));
  }

  /** Takes back what was told. */
  async close(): Promise<void> {
    const keys = Array.from({ length: this.#pieces }, (_, i) => this.#key(i));
    await Promise.all(keys.map((key) => this.#kv.delete(key)));
  }

  /** What all nodes counted together, by the functions' names. */
  async sum(): Promise<ReadonlyMap<string, RunCounter>> {
    const sums = new Map<string, RunCounter>();
    const add = (name: string, counted: CountedRuns): void => {
      const sum = sums.get(name) ?? new RunCounter();
      sum.add(counted);
      sums.set(name, sum);
    };
    for (const [name, counter] of this.#counters) add(name, counter.toCounted());
    for await (const counted of this.#ofOthers()) {
      for (const [name, one] of Object.entries(counted)) add(name, one);
    }
    return sums;
  }

  async *#ofOthers(): AsyncGenerator<Readonly<Record<string, CountedRuns>>> {
    const own = `${PREFIX}${this.#node}.`;
    for (let after: string | undefined; ; ) {
      const page = await this.#kv.list({
        prefix: PREFIX,
        limit: PAGE,
        ...(after === undefined ? {} : { after }),
      });
      for (const { key, value } of page.items) {
        if (key.startsWith(own)) continue;
        const parsed = countedSchema.safeParse(JSON.parse(value));
        // A node of another version may say it otherwise.
        if (parsed.success) yield parsed.data;
      }
      after = page.items.at(-1)?.key;
      if (!page.hasMore || after === undefined) return;
    }
  }

  #key(piece: number): string {
    return `${PREFIX}${this.#node}.${piece}`;
  }

  #toPieces(): string[] {
    const pieces: string[] = [];
    let members: string[] = [];
    let length = 0;
    const end = (): void => {
      if (members.length > 0) pieces.push(`{${members.join(",")}}`);
      members = [];
      length = 0;
    };
    for (const [name, counter] of this.#counters) {
      const member = `${JSON.stringify(name)}:${JSON.stringify(counter.toCounted())}`;
      if (length + member.length > MAX_LENGTH) end();
      members.push(member);
      length += member.length + 1;
    }
    end();
    return pieces;
  }
}
