import type { LogEntry } from "@anywire/core";
import { Age } from "./age.ts";
import {
  type FoldedEntry,
  type FoldedWrite,
  type FoldSource,
  foldBatch,
  type RefusedEntry,
} from "./batch-fold.ts";
import type { DynamodbTable } from "./dynamodb-table.ts";
import { ItemWriter } from "./item-writer.ts";
import { ABSENT, itemName, KnownItem, KnownItems } from "./known-items.ts";
import { type LogPlace, markOf } from "./log-place.ts";
import type { PositionMove, PositionRow, StatePosition } from "./position-row.ts";
import { writeRefusals } from "./refusal-rows.ts";
import { SnapshotReader } from "./snapshot-reader.ts";

/** A step that the position has made. */
export interface Step extends StatePosition {
  /** The position before it: what comes up to here was told by others. */
  readonly from: number;
  /** Entries after `from` that changed something. */
  readonly entries: readonly FoldedEntry[];
  /** Those after `from` that the fold refused. */
  readonly refused: readonly RefusedEntry[];
}

/** What is told of a position that was reached without anybody saying what changed on the way. */
export function arrival({ generation, position }: StatePosition): Step {
  return { generation, position, from: position, entries: [], refused: [] };
}

/** How long a projection may rest before it has to ask where the position is, ms. */
const MAX_REST_MS = 60_000;
/** How long reading and folding a batch may take, ms: well below how long earlier versions are kept. */
const MAX_FOLD_MS = 5 * 60_000;

/**
 * Folds entries into one generation, from a position on. What it knows of the state is what it was at its own position,
 * so it may go on whatever others do meanwhile: of several, each writes the same versions.
 */
export class Projection {
  readonly #table: DynamodbTable;
  readonly #row: PositionRow;
  readonly #writer: ItemWriter;
  readonly #known = new KnownItems();
  readonly #reader: SnapshotReader;
  #place: LogPlace;
  #confirmed = new Age();
  #settling: Promise<void> = Promise.resolve();

  constructor(table: DynamodbTable, row: PositionRow, place: LogPlace) {
    this.#table = table;
    this.#row = row;
    this.#writer = new ItemWriter(table, row.generation);
    this.#reader = new SnapshotReader(table);
    this.#place = { position: place.position, mark: place.mark };
  }

  get generation(): number {
    return this.#row.generation;
  }

  get position(): number {
    return this.#place.position;
  }

  /** Of the entry there. */
  get mark(): string | undefined {
    return this.#place.mark;
  }

  /**
   * Folds those entries that come after the position. Null when it was not this projection that moved the position
   * there, or it may not be moved: begin a new one then.
   */
  async project(entries: readonly LogEntry[]): Promise<Step | null> {
    if (this.#confirmed.ms > MAX_REST_MS && !(await this.#isThere())) return null;
    const before = this.position;
    const next = entries.filter(({ offset }) => offset > before);
    const last = next.at(-1);
    if (last === undefined) return arrival(this);
    const folded = await foldBatch(next, this.#known, this.#source());
    // The versions it has read may be gone, and others in their place.
    if (this.#confirmed.ms > MAX_FOLD_MS) return null;
    const writes = [...folded.writes.values()];
    await this.#writer.prepare(writes);
    if (this.#row.isLive) await writeRefusals(this.#table, folded.refused);
    const place = { position: last.offset, mark: markOf(last) };
    const move = { to: last.offset, mark: place.mark, count: next.length };
    const from = await this.#commit(writes, { ...move, token: crypto.randomUUID() });
    if (from === null) return null;
    for (const { item, ...address } of writes) this.#known.set(itemName(address), item);
    this.#place = place;
    this.#confirmed = new Age();
    return {
      generation: this.generation,
      position: place.position,
      from,
      entries: folded.entries.filter(({ entry }) => entry.offset > from),
      refused: folded.refused.filter(({ offset }) => offset > from),
    };
  }

  /** Resolves once everything is written that nobody waits for. */
  settled(): Promise<void> {
    return this.#settling;
  }

  /** Where the position was before; null when this did not move it. */
  async #commit(writes: readonly FoldedWrite[], move: PositionMove): Promise<number | null> {
    const from = this.position;
    // Never more than one batch behind.
    await this.#settling;
    const outcome = await this.#writer.writeWhole(writes, this.#row.moveFrom(from, move));
    if (outcome === "written") {
      this.#settle(() => this.#writer.settlePieces(writes));
      return from;
    }
    if (outcome === "changed") {
      const facts = await this.#row.read();
      // It was written after all, and the answer was lost.
      if (facts?.token === move.token) return from;
      if (facts === undefined || facts.frozenBy !== undefined || facts.position >= move.to)
        return null;
    }
    const kept = await this.#writer.write(writes);
    const moved = (await this.#row.move(move)) ?? (await this.#lostAnswer(move, from));
    if (moved !== null) this.#settle(() => this.#writer.settle(writes, kept));
    return moved;
  }

  async #isThere(): Promise<boolean> {
    const confirmed = new Age();
    if ((await this.#row.read())?.position !== this.position) return false;
    this.#confirmed = confirmed;
    return true;
  }

  async #lostAnswer({ token }: PositionMove, from: number): Promise<number | null> {
    return (await this.#row.read())?.token === token ? from : null;
  }

  /** In the background: a row that is left without an expiry costs its room and nothing else. */
  #settle(work: () => Promise<void>): void {
    this.#settling = this.#settling.then(work).catch(() => {});
  }

  #source(): FoldSource {
    const at = { generation: this.generation, position: this.position };
    return {
      get: async (addresses) => {
        const versions = await this.#reader.get(addresses, at);
        return versions.map((version) => (version === undefined ? ABSENT : new KnownItem(version)));
      },
      list: async (partition, prefix) => {
        const found = await this.#reader.list({ partition, prefix }, at);
        return found.map(({ sort, ...version }) => ({
          partition,
          sort,
          item: new KnownItem(version),
        }));
      },
    };
  }
}
