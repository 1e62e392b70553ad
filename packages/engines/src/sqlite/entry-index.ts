import type { DatabaseSync, StatementSync } from "node:sqlite";

/** The tables and their columns, which are also their order. */
const INDEXES = {
  entries_by_id: "id, channel, offset",
  entries_by_channel: "channel, offset",
  entries_by_scope: "scope, offset",
};

/**
 * The tables that find entries by id, channel and scope. They are filled in bulk: sorted, a thousand new
 * rows touch few more pages than one does.
 */
export class EntryIndex {
  readonly #fill: readonly StatementSync[];
  readonly #mark: StatementSync;
  readonly #selectMark: StatementSync;
  readonly #selectById: StatementSync;
  readonly #selectLastId: StatementSync;
  #indexedTo = 0;
  #lastId = "";

  constructor(db: DatabaseSync) {
    this.#fill = Object.entries(INDEXES).map(([table, list]) =>
      db.prepare(
        `INSERT INTO ${table} (${list}) SELECT ${list} FROM entries
         WHERE offset > ? AND offset <= ? ORDER BY ${list}`,
      ),
    );
    this.#mark = db.prepare("UPDATE log SET indexed_to = ?");
    this.#selectMark = db.prepare("SELECT indexed_to FROM log");
    this.#selectById = db.prepare("SELECT offset FROM entries_by_id WHERE id = ? AND channel = ?");
    this.#selectLastId = db.prepare("SELECT max(id) AS id FROM entries_by_id");
  }

  /** Every entry up to this offset is indexed, as of the last `refresh` or `fill`. */
  get indexedTo(): number {
    return this.#indexedTo;
  }

  /** Reads how far the index goes: another process may have filled it. */
  refresh(): void {
    this.#indexedTo = Number(this.#selectMark.get()?.["indexed_to"]);
    this.#lastId = String(this.#selectLastId.get()?.["id"] ?? "");
  }

  /** Offset of an indexed entry; `0` when there is none. */
  offsetOf(channel: number, id: string): number {
    // Ids sort by the time they were made, so that a new one is nearly always beyond the index.
    if (id > this.#lastId) return 0;
    return Number(this.#selectById.get(id, channel)?.["offset"] ?? 0);
  }

  /** Indexes every entry up to `offset`. Call it in a transaction, and `refresh` when that is over. */
  fill(offset: number): void {
    this.refresh();
    if (this.#indexedTo >= offset) return;
    for (const statement of this.#fill) statement.run(this.#indexedTo, offset);
    this.#mark.run(offset);
  }
}
