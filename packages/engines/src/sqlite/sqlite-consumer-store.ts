import type { DeadLetter } from "@anywire/core";
import type {
  ConsumerChanges,
  ConsumerState,
  ConsumerStore,
  GivenUp,
} from "../shared/consumer-store.ts";
import type { SqliteReader } from "./sqlite-reader.ts";
import type { SqliteWriter } from "./sqlite-writer.ts";

/** The durable consumers of a SQLite log. Their changes share commits with the log's entries. */
export class SqliteConsumerStore implements ConsumerStore {
  readonly #writer: SqliteWriter;
  readonly #reader: SqliteReader;

  constructor(writer: SqliteWriter, reader: SqliteReader) {
    this.#writer = writer;
    this.#reader = reader;
  }

  open(name: string, startAt: "first" | "head"): Promise<void> {
    return this.#writer.call("open", name, startAt);
  }

  lease(name: string, holder: string, leaseMs: number): Promise<boolean> {
    return this.#writer.call("lease", name, holder, leaseMs);
  }

  release(name: string, holder: string): Promise<void> {
    return this.#writer.call("release", name, holder);
  }

  load(name: string): Promise<ConsumerState> {
    return this.#writer.call("load", name);
  }

  save(name: string, holder: string, changes: ConsumerChanges): Promise<boolean> {
    return this.#writer.call("save", name, holder, changes);
  }

  position(name: string): Promise<number> {
    return this.#writer.call("position", name);
  }

  async deadLetters(name: string, after: number, limit: number): Promise<readonly DeadLetter[]> {
    const givenUp: GivenUp[] = await this.#writer.call("deadLetters", name, after, limit);
    const entries = await this.#reader.entries(givenUp.map(({ offset }) => offset));
    return entries.flatMap((entry, i) => {
      const letter = givenUp[i];
      if (letter === undefined) return [];
      return [{ entry, attempts: letter.attempts, error: letter.error, at: letter.at }];
    });
  }
}
