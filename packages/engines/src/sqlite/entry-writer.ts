import type { DatabaseSync, StatementSync } from "node:sqlite";
import type { FoldEntry } from "@anywire/core/state";
import type { EntryKind } from "@anywire/types";
import { nextEntryTime } from "../shared/channel-clock.ts";
import { type ChannelHead, ChannelHeads } from "./channel-heads.ts";
import { ChannelNames } from "./channel-names.ts";
import { EntryIndex } from "./entry-index.ts";
import { ENTRY_COLUMNS, type EntryRows } from "./entry-rows.ts";

/** Entries that are scanned rather than indexed: more make commits cheaper and reads dearer. */
const INDEX_EVERY = 2_048;
const MAX_HEADS = 50_000;
const FOREIGN_PAGE = 2_000;

/** What became of a draft: its stamp, or the offset under which its id was stored before. */
export interface Stamp {
  readonly offset: number;
  readonly previousOffset: number;
  readonly at: number;
  readonly tick: number;
  readonly isNew: boolean;
}

/**
 * Writes entries and knows, without asking the disk, all that the next one depends on: the last offset,
 * the head of each channel, and the ids that are not indexed yet. Other processes may write too; what
 * they wrote is taken in before each transaction.
 */
export class EntryWriter {
  readonly #names: ChannelNames;
  readonly #heads: ChannelHeads;
  readonly #index: EntryIndex;
  readonly #insert: StatementSync;
  readonly #selectEntry: StatementSync;
  readonly #selectAfter: StatementSync;
  readonly #selectUnindexed: StatementSync;
  readonly #selectVersion: StatementSync;
  /** Offsets of the entries that are not indexed, by channel and id. */
  readonly #unindexed = new Map<string, number>();
  /** Last offset of this transaction, and of the last one that was committed. */
  #last: number;
  #committed: number;
  #dataVersion = -1;
  /** What is remembered is from a transaction that failed. */
  #isStale = true;
  readonly #accept: (entry: FoldEntry) => void;

  /** @param accept is called with each new entry before it is stored; what it throws refuses the entry */
  constructor(db: DatabaseSync, accept: (entry: FoldEntry) => void = () => {}) {
    this.#accept = accept;
    this.#names = new ChannelNames(db);
    this.#heads = new ChannelHeads(db);
    this.#index = new EntryIndex(db);
    this.#insert = db.prepare(
      `INSERT INTO entries (offset, previous, channel, scope, at, tick, id, kind, sender, client, data,
         trace)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    );
    const columns = `SELECT channel, ${ENTRY_COLUMNS}, scope FROM entries`;
    this.#selectEntry = db.prepare(`${columns} WHERE offset = ?`);
    this.#selectAfter = db.prepare(`${columns} WHERE offset > ? ORDER BY offset LIMIT ?`);
    this.#selectUnindexed = db.prepare(
      "SELECT offset, channel, scope, at, tick, id FROM entries WHERE offset > ? AND offset <= ?",
    );
    this.#selectVersion = db.prepare("PRAGMA data_version");
    this.#last = Number(db.prepare("SELECT max(offset) AS last FROM entries").get()?.["last"] ?? 0);
    this.#committed = this.#last;
  }

  /**
   * Takes in what other processes have committed and gives it to `deliver`, in order, in one or more
   * pages. First in every transaction, and now and then outside of one. `onChanged` is called before, when
   * anything at all was changed by others.
   */
  takeForeign(deliver: (rows: EntryRows) => void, onChanged: () => void = () => {}): void {
    if (this.#isStale) this.#reload();
    const version = Number(this.#selectVersion.get()?.["data_version"]);
    if (version === this.#dataVersion) return;
    onChanged();
    for (;;) {
      const rows = this.#selectAfter.all(this.#last, FOREIGN_PAGE);
      if (rows.length === 0) break;
      deliver(rows.flatMap((row) => this.#takeRow(row)));
      this.#committed = this.#last;
    }
    this.#index.refresh();
    this.#dataVersion = version;
    // When the other process does all the indexing, nothing else lets go of what it has indexed.
    const unindexed = this.#last - this.#index.indexedTo;
    if (this.#unindexed.size > unindexed + 2 * INDEX_EVERY) this.#isStale = true;
  }

  /** Stores a draft, unless its channel has the id already. Call it in a transaction. */
  write(
    name: string,
    id: string,
    kind: string,
    sender: string,
    client: string | null,
    data: string,
    trace: string | null,
    now: number,
  ): Stamp {
    const head = this.#heads.get(name);
    const key = keyOf(head.channel, id);
    const known = this.#unindexed.get(key) ?? this.#index.offsetOf(head.channel, id);
    if (known > 0) return { offset: known, previousOffset: 0, at: 0, tick: 0, isNew: false };
    const previousOffset = head.offset;
    const { at, tick } = nextEntryTime(previousOffset === 0 ? undefined : head, now);
    const offset = this.#last + 1;
    const { channel, scope } = head;
    this.#accept({
      channel: name,
      id,
      kind: kind as EntryKind,
      sender,
      dataJson: data,
      offset,
      at,
    });
    this.#insert.run(
      offset,
      previousOffset,
      channel,
      scope,
      at,
      tick,
      id,
      kind,
      sender,
      client,
      data,
      trace,
    );
    this.#last = offset;
    this.#unindexed.set(key, offset);
    head.offset = offset;
    head.at = at;
    head.tick = tick;
    return { offset, previousOffset, at, tick, isNew: true };
  }

  /** A stored entry. */
  row(offset: number): EntryRows {
    const row = this.#selectEntry.get(offset);
    return row === undefined ? [] : this.#toRow(row);
  }

  /** The transaction is on disk. */
  committed(): void {
    this.#committed = this.#last;
    if (this.#heads.size > MAX_HEADS) this.#isStale = true;
  }

  /** The transaction left nothing behind. */
  rolledBack(): void {
    this.#last = this.#committed;
    this.#isStale = true;
  }

  /** Whether it is time for `fillIndex`. */
  get wantsIndex(): boolean {
    return this.#committed - this.#index.indexedTo >= INDEX_EVERY;
  }

  /** Indexes all entries. Call it in a transaction of its own, and `indexFilled` when that is over. */
  fillIndex(): void {
    this.#index.fill(this.#committed);
  }

  /** The index is on disk. */
  indexFilled(): void {
    this.#index.refresh();
    this.#unindexed.clear();
  }

  #reload(): void {
    this.#names.clear();
    this.#heads.clear();
    this.#unindexed.clear();
    this.#index.refresh();
    const rows = this.#selectUnindexed.iterate(this.#index.indexedTo, this.#last);
    for (const row of rows) this.#note(row);
    this.#isStale = false;
  }

  #takeRow(row: Record<string, unknown>): EntryRows {
    this.#note(row);
    this.#last = Number(row["offset"]);
    return this.#toRow(row);
  }

  /** Remembers an entry that the index may not know. */
  #note(row: Record<string, unknown>): void {
    const head: ChannelHead = {
      channel: Number(row["channel"]),
      scope: Number(row["scope"]),
      offset: Number(row["offset"]),
      at: Number(row["at"]),
      tick: Number(row["tick"]),
    };
    this.#heads.set(this.#names.get(head.channel), head);
    this.#unindexed.set(keyOf(head.channel, String(row["id"])), head.offset);
  }

  #toRow(row: Record<string, unknown>): EntryRows {
    const { channel, scope: _, ...values } = row as Record<string, string | number | null>;
    return [this.#names.get(Number(channel)), ...Object.values(values)];
  }
}

function keyOf(channel: number, id: string): string {
  return `${channel} ${id}`;
}
