import type { StateAddress, StateFreshness, StateQuery } from "@anywire/core";
import { AnywireError } from "@anywire/types";
import { compareUtf8 } from "../shared/compare-utf8.ts";
import { mapLimit } from "../shared/map-limit.ts";
import type { DynamodbTable } from "./dynamodb-table.ts";
import type { StatePosition } from "./position-row.ts";
import {
  historyOf,
  itemKey,
  itemsOf,
  LAST_CHARACTER,
  nameOfKey,
  pieceKey,
  piecesOf,
  sortKeyOf,
  versionSort,
} from "./row-keys.ts";
import { type Attributes, type StateRow, toStateRow, type Version } from "./state-row.ts";

/** An item of a range, at the version that was asked for. */
export interface FoundItem extends Version {
  readonly sort: string;
}

/** Which items of a partition to find. */
export type ItemQuery = Omit<StateQuery, "follow" | keyof StateFreshness>;

/** Reads of earlier versions that one read makes at the same time. */
const CONCURRENCY = 16;
/** Rows beyond the limit that are read with a page, for those that are gone. */
const SPARE_ROWS = 8;
const LARGEST_PAGE = 1_000;

/**
 * Reads the state as it was at a position, whatever is written meanwhile: a row that is newer has its earlier versions
 * beside it. They last for as long as any read may take.
 */
export class SnapshotReader {
  readonly #table: DynamodbTable;

  constructor(table: DynamodbTable) {
    this.#table = table;
  }

  /** Items at these addresses; undefined for one that never was. An item that is gone has no JSON. */
  async get(
    addresses: readonly StateAddress[],
    at: StatePosition,
  ): Promise<(Version | undefined)[]> {
    const keys = addresses.map((address) => itemKey(at.generation, address));
    const unique = new Map(keys.map((key) => [nameOfKey(key), key]));
    const rows = await this.#table.getMany([...unique.values()]);
    const byName = new Map([...unique.keys()].map((name, i) => [name, rows[i]]));
    return mapLimit(addresses, CONCURRENCY, async (address) => {
      const row = byName.get(nameOfKey(itemKey(at.generation, address)));
      return row === undefined ? undefined : this.#versionOf(address, toStateRow(row), at);
    });
  }

  /** Items of a partition that are there. */
  async list(query: ItemQuery, at: StatePosition): Promise<FoundItem[]> {
    const { partition, order = "asc", limit = Number.POSITIVE_INFINITY } = query;
    const { lower, upper, isWanted } = boundsOf(query);
    if (compareUtf8(lower, upper) > 0) return [];
    const pk = itemsOf(at.generation, partition);
    const bounded = limit < LARGEST_PAGE ? { pageSize: limit + SPARE_ROWS } : {};
    const found: FoundItem[] = [];
    for await (const page of this.#table.query({ pk, lower, upper, order, ...bounded })) {
      const rows = page.filter(({ sk }) => isWanted(sk?.S ?? "")).map(toStateRow);
      const versions = await mapLimit(rows, CONCURRENCY, (row) =>
        this.#versionOf({ partition, sort: row.sort }, row, at),
      );
      for (const [i, version] of versions.entries()) {
        if (version?.json === undefined) continue;
        found.push({ ...version, sort: rows[i]?.sort ?? "" });
        if (found.length === limit) return found;
      }
    }
    return found;
  }

  async #versionOf(
    address: StateAddress,
    row: StateRow,
    at: StatePosition,
  ): Promise<Version | undefined> {
    const { generation, position } = at;
    const right = row.version <= position ? row : await this.#earlier(address, at);
    if (right === undefined) return undefined;
    const { version, json, pieces } = right;
    if (pieces === 0) return { version, json };
    return { version, json: await this.#joined(generation, address, version, pieces) };
  }

  /** The newest version that is not newer than the position. */
  async #earlier(address: StateAddress, at: StatePosition): Promise<StateRow | undefined> {
    const sortKey = sortKeyOf(address.sort);
    const pages = this.#table.query({
      pk: historyOf(at.generation, address.partition),
      lower: versionSort(sortKey, 0),
      upper: versionSort(sortKey, at.position),
      order: "desc",
      pageSize: 1,
    });
    for await (const [attributes] of pages) {
      const row = attributes === undefined ? undefined : toStateRow(attributes);
      // What has expired is older than any read; DynamoDB takes it away when it likes, and in any order.
      if (row?.expiresAt !== undefined && row.expiresAt * 1_000 < Date.now()) return undefined;
      return row === undefined ? undefined : { ...row, sort: address.sort };
    }
    return undefined;
  }

  async #joined(
    generation: number,
    address: StateAddress,
    version: number,
    count: number,
  ): Promise<string> {
    const pieces: Uint8Array[] = [];
    const pk = piecesOf(generation, address.partition);
    const lower = pieceKey(generation, address, version, 0).sk;
    const upper = pieceKey(generation, address, version, count - 1).sk;
    for await (const page of this.#table.query({ pk, lower, upper, order: "asc" })) {
      pieces.push(...page.map(dataOf));
    }
    if (pieces.length === count) return Buffer.concat(pieces).toString();
    throw new AnywireError(
      "storage_damaged",
      `${address.sort} of ${address.partition} lacks a piece in DynamoDB: make the state again with \`anywire rebuild\``,
    );
  }
}

/** Keys between which the items lie. */
function boundsOf({ prefix, after, before }: ItemQuery) {
  const end = prefix + LAST_CHARACTER;
  const from = after === undefined ? undefined : sortKeyOf(after);
  const until = before === undefined ? undefined : sortKeyOf(before);
  return {
    // One bound on each side, so that the partition is entered where the answer begins.
    lower: from !== undefined && compareUtf8(from, prefix) > 0 ? from : prefix,
    upper: until !== undefined && compareUtf8(until, end) < 0 ? until : end,
    isWanted: (key: string): boolean => key !== from && key !== until,
  };
}

function dataOf({ b }: Attributes): Uint8Array {
  return b?.B ?? new Uint8Array();
}
