import type { DatabaseSync, SQLInputValue, StatementSync } from "node:sqlite";
import type {
  ConsumerChanges,
  ConsumerStart,
  ConsumerState,
  GivenUp,
} from "../shared/consumer-store.ts";

/** The durable consumers in the database; each method is a step of a write batch. */
export class ConsumerTables {
  readonly #db: DatabaseSync;
  readonly #statements = new Map<string, StatementSync>();
  /** Those who took their lease here: when it is not stored any more, another has ended it. */
  readonly #holders = new Set<string>();

  constructor(db: DatabaseSync) {
    this.#db = db;
  }

  open(name: string, startAt: ConsumerStart): void {
    const position = startAt === "head" ? "coalesce((SELECT max(offset) FROM entries), ?)" : "?";
    this.#run(
      `INSERT INTO consumers (name, position, holder) VALUES (?, ${position}, '')
       ON CONFLICT DO NOTHING`,
      name,
      typeof startAt === "number" ? startAt : 0,
    );
  }

  /** Returns those of the names that the holder has now; null when another has ended its lease. */
  lease(holder: string, names: readonly string[], leaseMs: number): string[] | null {
    const now = Date.now();
    const [own] = this.#all("SELECT 1 FROM consumer_holders WHERE holder = ?", holder);
    if (own === undefined && this.#holders.has(holder)) return null;
    this.#holders.add(holder);
    this.#run("INSERT OR REPLACE INTO consumer_holders VALUES (?, ?)", holder, now + leaseMs);
    this.#run("DELETE FROM consumer_holders WHERE held_until <= ?", now);
    if (names.length === 0) return [];
    const wanted = JSON.stringify(names);
    this.#run(
      `UPDATE consumers SET holder = ?
       WHERE name IN (SELECT value FROM json_each(?))
         AND holder NOT IN (SELECT holder FROM consumer_holders)`,
      holder,
      wanted,
    );
    return this.#all(
      `SELECT name FROM consumers
       WHERE name IN (SELECT value FROM json_each(?)) AND holder = ?`,
      wanted,
      holder,
    ).map((row) => String(row["name"]));
  }

  end(holder: string): void {
    this.#holders.delete(holder);
    this.#run("DELETE FROM consumer_holders WHERE holder = ?", holder);
  }

  release(holder: string, name: string): void {
    this.#run("UPDATE consumers SET holder = '' WHERE name = ? AND holder = ?", name, holder);
  }

  load(name: string): ConsumerState {
    const parked = this.#all(
      `SELECT channel, from_offset, attempts, due_at FROM parked_channels
       WHERE consumer = ? ORDER BY channel`,
      name,
    ).map((row) => ({
      channel: String(row["channel"]),
      from: Number(row["from_offset"]),
      attempts: Number(row["attempts"]),
      dueAt: Number(row["due_at"]),
    }));
    return { position: this.position(name), parked };
  }

  /** Returns false, and stores nothing, when another has the lease. */
  save(holder: string, name: string, changes: ConsumerChanges): boolean {
    const isHeld = this.#run(
      "UPDATE consumers SET position = ? WHERE name = ? AND holder = ?",
      changes.position,
      name,
      holder,
    );
    if (isHeld === 0) return false;
    for (const channel of changes.unparked) {
      this.#run("DELETE FROM parked_channels WHERE consumer = ? AND channel = ?", name, channel);
    }
    for (const { channel, from, attempts, dueAt } of changes.parked) {
      this.#run(
        `INSERT OR REPLACE INTO parked_channels (consumer, channel, from_offset, attempts, due_at)
         VALUES (?, ?, ?, ?, ?)`,
        name,
        channel,
        from,
        attempts,
        Math.round(dueAt),
      );
    }
    for (const givenUp of changes.givenUp) this.#giveUp(name, givenUp);
    for (const offset of changes.revived) {
      this.#run("DELETE FROM dead_letters WHERE consumer = ? AND offset = ?", name, offset);
    }
    return true;
  }

  position(name: string): number {
    const [row] = this.#all("SELECT position FROM consumers WHERE name = ?", name);
    return Number(row?.["position"]);
  }

  /** Dead letters in order of offset, without their entries. */
  deadLetters(name: string, after: number, limit: number): GivenUp[] {
    return this.#all(
      `SELECT offset, attempts, error, at FROM dead_letters
       WHERE consumer = ? AND offset > ? ORDER BY offset LIMIT ?`,
      name,
      after,
      limit,
    ).map((row) => ({
      offset: Number(row["offset"]),
      attempts: Number(row["attempts"]),
      error: String(row["error"]),
      at: Number(row["at"]),
    }));
  }

  #giveUp(name: string, { offset, attempts, error, at }: GivenUp): void {
    this.#run(
      `INSERT OR REPLACE INTO dead_letters (consumer, offset, attempts, error, at)
       VALUES (?, ?, ?, ?, ?)`,
      name,
      offset,
      attempts,
      error,
      at,
    );
  }

  #run(sql: string, ...values: SQLInputValue[]): number {
    return Number(this.#statement(sql).run(...values).changes);
  }

  #all(sql: string, ...values: SQLInputValue[]): Record<string, unknown>[] {
    return this.#statement(sql).all(...values);
  }

  #statement(sql: string): StatementSync {
    let statement = this.#statements.get(sql);
    if (statement === undefined) {
      statement = this.#db.prepare(sql);
      this.#statements.set(sql, statement);
    }
    return statement;
  }
}
