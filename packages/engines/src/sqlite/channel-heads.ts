import type { DatabaseSync, StatementSync } from "node:sqlite";

/** A channel as the writer needs it. */
export interface ChannelHead {
  readonly channel: number;
  readonly scope: number;
  /** Offset, time and tick of its last entry; `0` when it has none. */
  offset: number;
  at: number;
  tick: number;
}

/**
 * Numbers channels and knows the last entry of each. Loads what the index knows; of entries that are not
 * indexed yet, the writer must tell it.
 */
export class ChannelHeads {
  readonly #heads = new Map<string, ChannelHead>();
  readonly #selectScope: StatementSync;
  readonly #insertScope: StatementSync;
  readonly #selectChannel: StatementSync;
  readonly #insertChannel: StatementSync;
  readonly #selectHead: StatementSync;

  constructor(db: DatabaseSync) {
    this.#selectScope = db.prepare("SELECT id FROM scopes WHERE platform = ? AND type = ?");
    this.#insertScope = db.prepare("INSERT INTO scopes (platform, type) VALUES (?, ?)");
    this.#selectChannel = db.prepare("SELECT id FROM channels WHERE name = ? AND scope = ?");
    this.#insertChannel = db.prepare("INSERT INTO channels (name, scope) VALUES (?, ?)");
    this.#selectHead = db.prepare(
      `SELECT offset, at, tick FROM entries WHERE offset =
       (SELECT max(offset) FROM entries_by_channel WHERE channel = ?)`,
    );
  }

  /** How many heads are held. */
  get size(): number {
    return this.#heads.size;
  }

  /** The head of a channel, which is created when it is new. Update it with each entry. */
  get(name: string): ChannelHead {
    let head = this.#heads.get(name);
    if (head === undefined) {
      head = this.#load(name);
      this.#heads.set(name, head);
    }
    return head;
  }

  /** Tells a head that was read elsewhere. */
  set(name: string, head: ChannelHead): void {
    this.#heads.set(name, head);
  }

  /** Forgets everything, as after a transaction that was undone. */
  clear(): void {
    this.#heads.clear();
  }

  #load(name: string): ChannelHead {
    const [platform = "", type = "", id = ""] = name.split(".");
    const scope = findOrInsert(this.#selectScope, this.#insertScope, platform, type);
    const channel = findOrInsert(this.#selectChannel, this.#insertChannel, id, scope);
    const row = this.#selectHead.get(channel);
    return {
      channel,
      scope,
      offset: Number(row?.["offset"] ?? 0),
      at: Number(row?.["at"] ?? 0),
      tick: Number(row?.["tick"] ?? 0),
    };
  }
}

function findOrInsert(
  select: StatementSync,
  insert: StatementSync,
  ...key: (string | number)[]
): number {
  return Number(select.get(...key)?.["id"] ?? insert.run(...key).lastInsertRowid);
}
