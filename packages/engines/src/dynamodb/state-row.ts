import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import type { RowKey } from "./row-keys.ts";
import { sortKeyOf } from "./row-keys.ts";

/** A row as the API gives and takes it. */
export type Attributes = Record<string, AttributeValue>;

/** A key as the API takes it. */
export function keyAttributes({ pk, sk }: RowKey): { pk: AttributeValue; sk: AttributeValue } {
  return { pk: { S: pk }, sk: { S: sk } };
}

/** An item at one version. */
export interface Version {
  /** Offset of the entry that wrote it. */
  readonly version: number;
  /** Undefined when the entry took the item away. */
  readonly json: string | undefined;
}

/** A row that holds an item at one version. */
export interface StateRow {
  readonly sort: string;
  readonly version: number;
  /** Undefined when the item was taken away, or lies in pieces. */
  readonly json: string | undefined;
  /** In how many pieces the value lies; `0` when it is in the row, or there is none. */
  readonly pieces: number;
  /** When DynamoDB may take the row away, seconds since the Unix epoch; undefined for never. */
  readonly expiresAt: number | undefined;
}

/** Bytes of JSON in one row: DynamoDB takes 400 KB. */
const MAX_ROW_BYTES = 256 * 1024;

/** The attributes of a row that holds an item at one version. @param expiresAt seconds since the Unix epoch */
export function toAttributes(
  key: RowKey,
  sort: string,
  { version, json }: Version,
  expiresAt?: number,
): Attributes {
  const row: Attributes = { ...keyAttributes(key), v: { N: String(version) } };
  if (sortKeyOf(sort) !== sort) row["s"] = { S: JSON.stringify(sort) };
  if (expiresAt !== undefined) row["expiresAt"] = { N: String(expiresAt) };
  const count = json === undefined ? 0 : countPieces(json);
  if (count > 1) row["n"] = { N: String(count) };
  else if (json !== undefined) row["j"] = { S: json };
  return row;
}

/** The row that its attributes say. */
export function toStateRow(attributes: Attributes): StateRow {
  const { sk, s, v, j, n, expiresAt } = attributes;
  return {
    sort: s?.S === undefined ? (sk?.S ?? "") : JSON.parse(s.S),
    version: Number(v?.N),
    json: j?.S,
    pieces: Number(n?.N ?? 0),
    expiresAt: expiresAt?.N === undefined ? undefined : Number(expiresAt.N),
  };
}

/** How many pieces a value is kept in: one when it fits in its row. */
function countPieces(json: string): number {
  // No character is more than three bytes of UTF-8.
  if (json.length * 3 <= MAX_ROW_BYTES) return 1;
  return Math.ceil(Buffer.byteLength(json) / MAX_ROW_BYTES);
}

/** The pieces of a value that does not fit in its row, none otherwise. */
export function piecesOfJson(json: string | undefined): readonly Uint8Array[] {
  if (json === undefined || countPieces(json) === 1) return [];
  const bytes = Buffer.from(json);
  return Array.from({ length: countPieces(json) }, (_, i) =>
    bytes.subarray(i * MAX_ROW_BYTES, (i + 1) * MAX_ROW_BYTES),
  );
}
