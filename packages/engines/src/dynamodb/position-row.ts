import type { TransactWriteItem } from "@aws-sdk/client-dynamodb";
import type { DynamodbTable } from "./dynamodb-table.ts";
import type { LogPlace } from "./log-place.ts";
import { generationKey, META_KEY, type RowKey } from "./row-keys.ts";
import { type Attributes, keyAttributes } from "./state-row.ts";

/** Which generation is the state, and how far it has come. */
export interface StatePosition {
  readonly generation: number;
  /** Offset of the last entry that is in it. */
  readonly position: number;
}

/** Whether one moment of the state comes after another. */
export function isAfter(a: StatePosition, b: StatePosition): boolean {
  return a.generation === b.generation ? a.position > b.position : a.generation > b.generation;
}

/** What the row says that holds a position. */
export interface PositionFacts extends StatePosition, LogPlace {
  /** Entries that were folded. */
  readonly entries: number;
  /** Of who moved it last. */
  readonly token: string;
  /** Of the rebuild that holds it still; undefined when it moves freely. */
  readonly frozenBy: string | undefined;
}

/** One step of a position. */
export interface PositionMove {
  readonly to: number;
  /** Of the entry there. */
  readonly mark: string;
  /** Entries that are folded with it. */
  readonly count: number;
  /** Tells who has moved it, when the answer is lost. */
  readonly token: string;
}

/** The condition under which a projector may move it. */
interface Guard {
  readonly expression: string;
  readonly values: Attributes;
}

/** The position of one generation. It only grows. */
export class PositionRow {
  readonly generation: number;
  readonly #table: DynamodbTable;
  readonly #key: RowKey;
  readonly #guard: Guard;

  private constructor(table: DynamodbTable, generation: number, key: RowKey, guard: Guard) {
    this.#table = table;
    this.generation = generation;
    this.#key = key;
    this.#guard = guard;
  }

  /** Of the generation that is the state: stands still once it is not, or while a rebuild takes its place. */
  static live(table: DynamodbTable, generation: number): PositionRow {
    const values = { ":g": { N: String(generation) } };
    const expression = "g = :g AND attribute_not_exists(f)";
    return new PositionRow(table, generation, META_KEY, { expression, values });
  }

  /** Of a generation that is being made. */
  static building(table: DynamodbTable, generation: number): PositionRow {
    const guard = { expression: "attribute_exists(p)", values: {} };
    return new PositionRow(table, generation, generationKey(generation), guard);
  }

  /** Whether the generation is, or was, the state. */
  get isLive(): boolean {
    return this.#key === META_KEY;
  }

  /** Undefined when the generation is not what it was: made, or done with. */
  async read(): Promise<PositionFacts | undefined> {
    const row = await this.#table.get(this.#key);
    if (row?.["p"] === undefined) return undefined;
    const facts = toFacts(row, this.generation);
    return facts.generation === this.generation ? facts : undefined;
  }

  /** The move as a part of a transaction: when the position is exactly at `from`. */
  moveFrom(from: number, move: PositionMove): TransactWriteItem {
    return { Update: { TableName: this.#table.name, ...this.#update(move, "p = :from", from) } };
  }

  /** Moves it forward. Resolves with where it was, or null when it is there already or may not be moved. */
  async move(move: PositionMove): Promise<number | null> {
    const old = await this.#table.update(this.#update(move, "p < :from", move.to));
    return old === undefined ? null : Number(old["p"]?.N);
  }

  #update({ to, mark, count, token }: PositionMove, condition: string, from: number) {
    const { expression, values } = this.#guard;
    return {
      Key: keyAttributes(this.#key),
      UpdateExpression: "SET p = :to, e = :mark, w = :token ADD n :count",
      ConditionExpression: `${expression} AND ${condition}`,
      ExpressionAttributeValues: {
        ...values,
        ":from": { N: String(from) },
        ":to": { N: String(to) },
        ":mark": { S: mark },
        ":token": { S: token },
        ":count": { N: String(count) },
      },
    };
  }
}

/** What such a row says. @param generation of a row that does not say it itself */
export function toFacts({ g, p, e, n, w, f }: Attributes, generation = 0): PositionFacts {
  return {
    generation: Number(g?.N ?? generation),
    position: Number(p?.N ?? 0),
    mark: e?.S,
    entries: Number(n?.N ?? 0),
    token: w?.S ?? "",
    frozenBy: f?.S,
  };
}
