import type { DatabaseSync, StatementSync } from "node:sqlite";
import type { ReadPlan } from "./read-plan.ts";

/** Which offsets to find. */
export interface OffsetRange {
  /** Only offsets between these two. */
  readonly after: number;
  readonly before: number;
  readonly limit: number;
  readonly order: "asc" | "desc";
}

type Statements = Readonly<Record<"asc" | "desc", StatementSync>>;

/** The least that is read of one channel or scope at once when several are merged. */
const MIN_CHUNK = 8;

/**
 * Finds the offsets of a plan's entries, in order: those that are indexed by the index, the few beyond
 * it by a scan. Call it in a transaction, so that both meet without a gap.
 */
export class OffsetFinder {
  readonly #indexedTo: StatementSync;
  readonly #all: Statements;
  readonly #indexed: Readonly<Record<"channel" | "scope", Statements>>;
  readonly #unindexed: Readonly<Record<"channel" | "scope", Statements>>;

  constructor(db: DatabaseSync) {
    this.#indexedTo = db.prepare("SELECT indexed_to FROM log");
    this.#all = bothWays(db, "SELECT offset FROM entries WHERE offset > ? AND offset < ?");
    this.#indexed = {
      channel: bothWays(db, indexSql("entries_by_channel", "channel")),
      scope: bothWays(db, indexSql("entries_by_scope", "scope")),
    };
    this.#unindexed = {
      channel: bothWays(db, scanSql("channel")),
      scope: bothWays(db, scanSql("scope")),
    };
  }

  find(plan: ReadPlan, range: OffsetRange): number[] {
    if (plan.by === "offset") return offsets(this.#all[range.order], range);
    if (plan.numbers.length === 0) return [];
    const indexedTo = Number(this.#indexedTo.get()?.["indexed_to"]);
    const index = (limit: number): number[] =>
      this.#merge(plan.by, plan.numbers, { ...range, limit });
    const scan = (limit: number): number[] =>
      offsets(
        this.#unindexed[plan.by][range.order],
        { ...range, after: Math.max(range.after, indexedTo), limit },
        JSON.stringify(plan.numbers),
      );
    const [first, second] = range.order === "asc" ? [index, scan] : [scan, index];
    const found = first(range.limit);
    return found.length < range.limit ? found.concat(second(range.limit - found.length)) : found;
  }

  /** Merges the sorted offsets of several channels or scopes, a growing chunk of each at a time. */
  #merge(by: "channel" | "scope", numbers: readonly number[], range: OffsetRange): number[] {
    const statement = this.#indexed[by][range.order];
    const [only] = numbers;
    if (numbers.length === 1 && only !== undefined) return offsets(statement, range, only);
    const merged: number[] = [];
    let rest: OffsetRange | null = range;
    let limit = Math.max(MIN_CHUNK, Math.ceil(range.limit / numbers.length));
    while (rest !== null && merged.length < range.limit) {
      const chunk: OffsetRange = { ...rest, limit };
      const chunks = numbers.map((number) => offsets(statement, chunk, number));
      rest = mergeChunks(chunks, chunk, merged);
      limit *= 2;
    }
    return merged.slice(0, range.limit);
  }
}

/** Adds to `merged` what surely comes next; returns the range that is still to be read, if any. */
function mergeChunks(
  chunks: readonly number[][],
  range: OffsetRange,
  merged: number[],
): OffsetRange | null {
  const isUp = range.order === "asc";
  // A full chunk may go on behind its end, so that only what comes before the nearest end is sure.
  const ends = chunks
    .filter(({ length }) => length === range.limit)
    .map((full) => full.at(-1) ?? 0);
  const end = isUp ? Math.min(...ends) : Math.max(...ends, 0);
  const sure = chunks.flat().filter((offset) => (isUp ? offset <= end : offset >= end));
  merged.push(...sure.sort(isUp ? (x, y) => x - y : (x, y) => y - x));
  if (ends.length === 0) return null;
  return isUp ? { ...range, after: end } : { ...range, before: end };
}

function indexSql(table: string, column: string): string {
  return `SELECT offset FROM ${table} WHERE ${column} = ?3 AND offset > ?1 AND offset < ?2`;
}

function scanSql(column: string): string {
  return `SELECT offset FROM entries WHERE offset > ?1 AND offset < ?2
          AND ${column} IN (SELECT value FROM json_each(?3))`;
}

function bothWays(db: DatabaseSync, sql: string): Statements {
  const prepare = (order: string): StatementSync => {
    const limitAt = sql.includes("?3") ? "?4" : "?";
    const statement = db.prepare(`${sql} ORDER BY offset ${order} LIMIT ${limitAt}`);
    statement.setReturnArrays(true);
    return statement;
  };
  return { asc: prepare("ASC"), desc: prepare("DESC") };
}

/** Runs a statement that has the range's ends, then maybe a key, then the limit as parameters. */
function offsets(
  statement: StatementSync,
  { after, before, limit }: OffsetRange,
  ...key: (string | number)[]
): number[] {
  const rows = statement.all(after, before, ...key, limit) as unknown as [number][];
  return rows.map(([offset]) => offset);
}
