import type { DeadLetter } from "@anywire/core";
import type {
  ConsumerChanges,
  ConsumerStart,
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

  open(name: string, startAt: ConsumerStart): Promise<void> {
    return this.#writer.call("open", name, startAt);
  }

  lease(
    holder: string,
    names: readonly string[],
    leaseMs: number,
  ): Promise<readonly string[] | null> {
    return this.#writer.call("lease", holder, names, leaseMs);
  }

  release(holder: string, name: string): Promise<void> {
    return this.#writer.call("release", holder, name);
  }

  end(holder: string): Promise<void> {
    return this.#writer.call("end", holder);
  }

  load(name: string): Promise<ConsumerState> {
    return this.#writer.call("load", name);
  }

  save(holder: string, name: string, changes: ConsumerChanges): Promise<boolean> {
    return this.#writer.call("save", holder, name, changes);
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
