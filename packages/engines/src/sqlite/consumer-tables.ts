import type { DatabaseSync, SQLInputValue } from "node:sqlite";
import type { ConsumerChanges, ConsumerState, GivenUp } from "../shared/consumer-store.ts";

/** The durable consumers in the database; each method is a step of a write batch. */
export class ConsumerTables {
  readonly #db: DatabaseSync;

  constructor(db: DatabaseSync) {
    this.#db = db;
  }

  open(name: string, startAt: "first" | "head"): void {
    const position = startAt === "head" ? "coalesce((SELECT max(offset) FROM entries), 0)" : "0";
    this.#run(
      `INSERT INTO consumers (name, position, holder, held_until) VALUES (?, ${position}, '', 0)
       ON CONFLICT DO NOTHING`,
      name,
    );
  }

  /** Returns whether the holder has the lease now. */
  lease(name: string, holder: string, leaseMs: number): boolean {
    const now = Date.now();
    const changes = this.#run(
      `UPDATE consumers SET holder = ?, held_until = ?
       WHERE name = ? AND (holder = ? OR held_until <= ?)`,
      holder,
      now + leaseMs,
      name,
      holder,
      now,
    );
    return changes > 0;
  }

  release(name: string, holder: string): void {
    this.#run("UPDATE consumers SET held_until = 0 WHERE name = ? AND holder = ?", name, holder);
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
  save(name: string, holder: string, changes: ConsumerChanges): boolean {
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
    return Number(this.#db.prepare(sql).run(...values).changes);
  }

  #all(sql: string, ...values: SQLInputValue[]): Record<string, unknown>[] {
    return this.#db.prepare(sql).all(...values);
  }
}
