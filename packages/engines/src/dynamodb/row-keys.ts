import { createHash } from "node:crypto";
import type { StateAddress } from "@anywire/core";

/**
 * The key design: one table, `pk` and `sk`, no index. `g` is a generation: the whole state under one number, so that
 * a rebuild can write the next beside the present one. Described with its access patterns in docs/architecture/dynamodb.md.
 */

/** Where a row lies in the table. */
export interface RowKey {
  readonly pk: string;
  readonly sk: string;
}

/** A key as text, to find its row by. */
export function nameOfKey({ pk, sk }: RowKey): string {
  return `${pk}\n${sk}`;
}

/** Larger than any text that begins with a prefix, as UTF-8 sorts. */
export const LAST_CHARACTER = "\u{10FFFF}";

/** The longest `sort` that is a key as it is, bytes: DynamoDB takes 1,024, and a version follows some. */
const MAX_SORT_BYTES = 980;
/** Characters of a longer one that stay in front of its digest. */
const KEPT = 200;
/** Comes in no `sort` of the messaging model, which takes no control characters. */
const SEPARATOR = "\u0000";
const META = "meta";
const GENERATION = "generation|";

/** The row that says which generation is the state, and its position. */
export const META_KEY: RowKey = { pk: META, sk: META };

/** The row of a generation that is not the state: being made, or done with. */
export function generationKey(generation: number): RowKey {
  return { pk: META, sk: GENERATION + sortable(generation) };
}

/** Where the rows of all such generations lie. */
export const GENERATIONS: { readonly pk: string; readonly prefix: string } = {
  pk: META,
  prefix: GENERATION,
};

/** The generation that such a row is of. */
export function generationOf(sk: string): number {
  return Number(sk.slice(GENERATION.length));
}

/** The row that says why an entry was refused. */
export function refusalKey(offset: number): RowKey {
  return { pk: `refusal|${offset}`, sk: "refusal" };
}

/** Where the items of a partition lie. */
export function itemsOf(generation: number, partition: string): string {
  return `s|${generation}|${partition}`;
}

/** Where earlier versions of the items of a partition lie. */
export function historyOf(generation: number, partition: string): string {
  return `h|${generation}|${partition}`;
}

/** Where the pieces of large values of a partition lie. */
export function piecesOf(generation: number, partition: string): string {
  return `x|${generation}|${partition}`;
}

/** Where a generation lists its partitions. */
export function directoryOf(generation: number): string {
  return `d|${generation}`;
}

/** The newest version of an item. */
export function itemKey(generation: number, { partition, sort }: StateAddress): RowKey {
  return { pk: itemsOf(generation, partition), sk: sortKeyOf(sort) };
}

/** An earlier version of an item. */
export function versionKey(generation: number, address: StateAddress, version: number): RowKey {
  return {
    pk: historyOf(generation, address.partition),
    sk: versionSort(sortKeyOf(address.sort), version),
  };
}

/** One of the pieces in which the value of a version is kept. */
export function pieceKey(
  generation: number,
  address: StateAddress,
  version: number,
  index: number,
): RowKey {
  const sk =
    versionSort(sortKeyOf(address.sort), version) + SEPARATOR + String(index).padStart(4, "0");
  return { pk: piecesOf(generation, address.partition), sk };
}

/** `sk` of a version: sorts by item, then by version. */
export function versionSort(sortKey: string, version: number): string {
  return sortKey + SEPARATOR + sortable(version);
}

/**
 * What stands for `sort` in the table: itself, unless it is too long or no valid Unicode, which DynamoDB does not
 * take. Then its beginning and a digest do, so that such items sort behind others of the same beginning.
 */
export function sortKeyOf(sort: string): string {
  if (sort.length * 3 <= MAX_SORT_BYTES && !/[\uD800-\uDFFF]/.test(sort)) return sort;
  const bytes = Buffer.from(sort);
  if (bytes.length <= MAX_SORT_BYTES && bytes.toString() === sort) return sort;
  const digest = createHash("sha256").update(JSON.stringify(sort)).digest("hex");
  return Buffer.from(sort.slice(0, KEPT)).toString() + SEPARATOR + digest;
}

/** A number as text that sorts like it. */
function sortable(number: number): string {
  return String(number).padStart(16, "0");
}
