import type { DatabaseSync, StatementSync } from "node:sqlite";

const MAX_NAMES = 20_000;

/** The names of channels by their number in the database. */
export class ChannelNames {
  readonly #select: StatementSync;
  readonly #names = new Map<number, string>();

  constructor(db: DatabaseSync) {
    this.#select = db.prepare(
      `SELECT scopes.platform || '.' || scopes.type || '.' || channels.name AS name
       FROM channels JOIN scopes ON scopes.id = channels.scope WHERE channels.id = ?`,
    );
  }

  /** The full name of a stored channel. */
  get(channel: number): string {
    let name = this.#names.get(channel);
    if (name === undefined) {
      name = String(this.#select.get(channel)?.["name"]);
      // Names never change, so all may go; those in use come back at once.
      if (this.#names.size >= MAX_NAMES) this.#names.clear();
      this.#names.set(channel, name);
    }
    return name;
  }

  /** Forgets everything: after a rollback, a number may come to stand for another channel. */
  clear(): void {
    this.#names.clear();
  }
}
