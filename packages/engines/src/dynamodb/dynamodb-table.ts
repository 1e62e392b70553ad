import { AnywireError } from "@anywire/types";
import type {
  DynamoDBClient,
  TransactWriteItem,
  UpdateItemCommandInput,
  WriteRequest,
} from "@aws-sdk/client-dynamodb";
import { chunksOf, mapLimit } from "../shared/map-limit.ts";
import { isConditionFailure, isPassing, toDynamodbError } from "./dynamodb-faults.ts";
import type { DynamodbTableOptions } from "./dynamodb-options.ts";
import { type FoundRows, JoinedReads } from "./joined-reads.ts";
import { nameOfKey, type RowKey } from "./row-keys.ts";
import { type Attributes, keyAttributes } from "./state-row.ts";

type Sdk = typeof import("@aws-sdk/client-dynamodb");

/** Rows of one partition key to read, in the order of `sk`. */
export interface RowRange {
  readonly pk: string;
  /** Only rows whose `sk` is not smaller; empty for no bound. */
  readonly lower: string;
  /** Only rows whose `sk` is not larger. */
  readonly upper: string;
  readonly order: "asc" | "desc";
  /** Rows of one page, when fewer than fit into 1 MB are wanted. */
  readonly pageSize?: number;
  /** Gives the keys alone. */
  readonly keysOnly?: boolean;
}

/** What one call takes at most, by the API. */
const MAX_KEYS = 100;
const MAX_WRITES = 25;
/** Calls that one task makes at the same time. */
const CONCURRENCY = 8;
/** How long a table that is being made may take. */
const MAX_CREATE_MS = 60_000;
const FIRST_PAUSE_MS = 10;
const LONGEST_PAUSE_MS = 1_000;

/** One DynamoDB table: every read is consistent, and every call is tried again for a while when it fails in passing. */
export class DynamodbTable {
  readonly name: string;
  readonly #options: DynamodbTableOptions;
  #sdk: Sdk | null = null;
  #client: DynamoDBClient | null = null;
  readonly #joined = new JoinedReads(MAX_KEYS, (keys) => this.#findRows(keys));

  constructor(options: DynamodbTableOptions) {
    this.name = options.table;
    this.#options = options;
  }

  /**
   * Makes the client and, when it is not there, the table.
   * @throws {AnywireError} `unavailable` when it cannot be reached or the package is not installed
   */
  async open(): Promise<void> {
    const sdk = await importSdk();
    this.#sdk = sdk;
    const { endpoint, region, credentials, requestTimeoutMs = 5_000 } = this.#options;
    this.#client = new sdk.DynamoDBClient({
      ...(endpoint === undefined ? {} : { endpoint }),
      ...(region === undefined ? {} : { region }),
      ...(credentials === undefined ? {} : { credentials }),
      // Tried again here, so that there is one bound for it.
      maxAttempts: 1,
      requestHandler: {
        connectionTimeout: requestTimeoutMs,
        requestTimeout: requestTimeoutMs,
        throwOnRequestTimeout: true,
      },
    });
    this.#options.configure?.(this.#client);
    const { createTable = true } = this.#options;
    const status = await this.#status();
    if (status === undefined) await this.#create(createTable);
    if (status !== "ACTIVE") await this.#untilActive();
    if (createTable) await this.#letExpire();
  }

  /** Undefined when there is none. */
  async get(key: RowKey): Promise<Attributes | undefined> {
    const input = { TableName: this.name, Key: keyAttributes(key), ConsistentRead: true };
    const { Item } = await this.#call((sdk, client) => client.send(new sdk.GetItemCommand(input)));
    return Item;
  }

  /**
   * The rows that are there, each at the place of its key; keys may not repeat. A few keys are read together with those
   * of other callers.
   */
  async getMany(keys: readonly RowKey[]): Promise<(Attributes | undefined)[]> {
    if (keys.length === 0) return [];
    const found =
      keys.length < MAX_KEYS ? await this.#joined.read(keys) : await this.#findRows(keys);
    return keys.map((key) => found.get(nameOfKey(key)));
  }

  /** Rows of one partition key, page by page. */
  async *query(range: RowRange): AsyncGenerator<Attributes[]> {
    const { pk, lower, upper, order, pageSize, keysOnly = false } = range;
    const isBound = lower !== "";
    const input = {
      TableName: this.name,
      ConsistentRead: true,
      ScanIndexForward: order === "asc",
      KeyConditionExpression: isBound
        ? "pk = :pk AND sk BETWEEN :lower AND :upper"
        : "pk = :pk AND sk <= :upper",
      ExpressionAttributeValues: {
        ":pk": { S: pk },
        ":upper": { S: upper },
        ...(isBound ? { ":lower": { S: lower } } : {}),
      },
      ...(pageSize === undefined ? {} : { Limit: pageSize }),
      ...(keysOnly ? { ProjectionExpression: "pk, sk" } : {}),
    };
    let from: Attributes | undefined;
    do {
      const start = from === undefined ? {} : { ExclusiveStartKey: from };
      const { Items = [], LastEvaluatedKey } = await this.#call((sdk, client) =>
        client.send(new sdk.QueryCommand({ ...input, ...start })),
      );
      yield Items;
      from = LastEvaluatedKey;
    } while (from !== undefined);
  }

  /** Puts rows, whatever was there. */
  async putMany(rows: readonly Attributes[]): Promise<void> {
    await this.#writeMany(rows.map((Item) => ({ PutRequest: { Item } })));
  }

  /** Takes rows away. */
  async deleteMany(keys: readonly RowKey[]): Promise<void> {
    await this.#writeMany(keys.map((key) => ({ DeleteRequest: { Key: keyAttributes(key) } })));
  }

  /** Makes all writes or, when the condition of one does not hold, none. Resolves with whether they were made. */
  async transact(writes: readonly TransactWriteItem[]): Promise<boolean> {
    // The same token for every attempt: one whose answer was lost is not made twice.
    const input = { TransactItems: [...writes], ClientRequestToken: crypto.randomUUID() };
    const made = await this.#call((sdk, client) =>
      unlessConditionFails(client.send(new sdk.TransactWriteItemsCommand(input))),
    );
    return made !== undefined;
  }

  /**
   * Changes one row; resolves with the attributes it changed, as they were, or with undefined when its condition does
   * not hold.
   */
  async update(input: Omit<UpdateItemCommandInput, "TableName">): Promise<Attributes | undefined> {
    const whole = { ...input, TableName: this.name, ReturnValues: "UPDATED_OLD" } as const;
    const changed = await this.#call((sdk, client) =>
      unlessConditionFails(client.send(new sdk.UpdateItemCommand(whole))),
    );
    return changed && (changed.Attributes ?? {});
  }

  /** Lets go of the connections. */
  close(): void {
    this.#client?.destroy();
  }

  /** Rows by the names of their keys. */
  async #findRows(keys: readonly RowKey[]): Promise<FoundRows> {
    const found = new Map<string, Attributes>();
    await mapLimit(chunksOf(keys, MAX_KEYS), CONCURRENCY, (chunk) => this.#getChunk(chunk, found));
    return found;
  }

  async #getChunk(chunk: readonly RowKey[], found: Map<string, Attributes>): Promise<void> {
    let Keys: Attributes[] = chunk.map(keyAttributes);
    for (let attempt = 0; Keys.length > 0; attempt += 1) {
      if (attempt > 0) await pause(attempt);
      const RequestItems = { [this.name]: { Keys, ConsistentRead: true } };
      const { Responses, UnprocessedKeys } = await this.#call((sdk, client) =>
        client.send(new sdk.BatchGetItemCommand({ RequestItems })),
      );
      for (const row of Responses?.[this.name] ?? []) {
        found.set(nameOfKey({ pk: row["pk"]?.S ?? "", sk: row["sk"]?.S ?? "" }), row);
      }
      const rest = UnprocessedKeys?.[this.name]?.Keys ?? [];
      // Those that did not fit into the answer are no sign of throttling.
      if (rest.length < Keys.length) attempt = 0;
      else this.#assertTime(attempt);
      Keys = rest;
    }
  }

  async #writeMany(writes: readonly WriteRequest[]): Promise<void> {
    await mapLimit(chunksOf(writes, MAX_WRITES), CONCURRENCY, async (chunk) => {
      let rest: readonly WriteRequest[] = chunk;
      for (let attempt = 0; rest.length > 0; attempt += 1) {
        if (attempt > 0) await pause(attempt);
        this.#assertTime(attempt);
        const RequestItems = { [this.name]: [...rest] };
        const { UnprocessedItems } = await this.#call((sdk, client) =>
          client.send(new sdk.BatchWriteItemCommand({ RequestItems })),
        );
        rest = UnprocessedItems?.[this.name] ?? [];
      }
    });
  }

  /** Of the pauses so many attempts have made. @throws {AnywireError} `unavailable` when they were too many */
  #assertTime(attempt: number): void {
    if (attempt * (LONGEST_PAUSE_MS / 2) <= this.#retryMs) return;
    throw new AnywireError(
      "unavailable",
      `the DynamoDB table ${this.name} throttles: try again later`,
    );
  }

  get #retryMs(): number {
    return this.#options.retryMs ?? 10_000;
  }

  async #call<T>(send: (sdk: Sdk, client: DynamoDBClient) => Promise<T>): Promise<T> {
    const sdk = this.#sdk;
    const client = this.#client;
    if (sdk === null || client === null) {
      throw new AnywireError("unavailable", "the state has not been started");
    }
    const deadline = performance.now() + this.#retryMs;
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await send(sdk, client);
      } catch (error) {
        if (!isPassing(error) || performance.now() > deadline)
          throw toDynamodbError(error, this.name);
        await pause(attempt);
      }
    }
  }

  /** Undefined when there is no such table. */
  async #status(): Promise<string | undefined> {
    try {
      const input = { TableName: this.name };
      const { Table } = await this.#call((sdk, client) =>
        client.send(new sdk.DescribeTableCommand(input)),
      );
      return Table?.TableStatus;
    } catch (error) {
      if (causeNameOf(error) === "ResourceNotFoundException") return undefined;
      throw error;
    }
  }

  async #create(isAllowed: boolean): Promise<void> {
    const TableName = this.name;
    if (!isAllowed) {
      throw new AnywireError(
        "unavailable",
        `there is no DynamoDB table ${TableName}: make it, or allow dynamodb.createTable`,
      );
    }
    try {
      await this.#call((sdk, client) =>
        client.send(
          new sdk.CreateTableCommand({
            TableName,
            BillingMode: "PAY_PER_REQUEST",
            AttributeDefinitions: [
              { AttributeName: "pk", AttributeType: "S" },
              { AttributeName: "sk", AttributeType: "S" },
            ],
            KeySchema: [
              { AttributeName: "pk", KeyType: "HASH" },
              { AttributeName: "sk", KeyType: "RANGE" },
            ],
          }),
        ),
      );
    } catch (error) {
      // Another node makes it at the same time.
      if (causeNameOf(error) !== "ResourceInUseException") throw error;
    }
  }

  async #untilActive(): Promise<void> {
    const deadline = performance.now() + MAX_CREATE_MS;
    for (let attempt = 1; (await this.#status()) !== "ACTIVE"; attempt += 1) {
      if (performance.now() > deadline) {
        throw new AnywireError(
          "unavailable",
          `the DynamoDB table ${this.name} is not ready yet: try again later`,
        );
      }
      await pause(attempt);
    }
  }

  /** A table that was just made does not expire rows yet, nor one whose maker died. */
  async #letExpire(): Promise<void> {
    const TableName = this.name;
    const { TimeToLiveDescription } = await this.#call((sdk, client) =>
      client.send(new sdk.DescribeTimeToLiveCommand({ TableName })),
    );
    if (TimeToLiveDescription?.TimeToLiveStatus?.startsWith("ENABL") === true) return;
    const TimeToLiveSpecification = { AttributeName: "expiresAt", Enabled: true };
    const input = { TableName, TimeToLiveSpecification };
    try {
      await this.#call((sdk, client) => client.send(new sdk.UpdateTimeToLiveCommand(input)));
    } catch (error) {
      // Another node says so at the same time.
      if (causeNameOf(error) !== "ValidationException") throw error;
    }
  }
}

/** What a write answers; undefined when its condition does not hold. */
async function unlessConditionFails<T>(write: Promise<T>): Promise<T | undefined> {
  try {
    return await write;
  } catch (error) {
    if (isConditionFailure(error)) return undefined;
    throw error;
  }
}

function causeNameOf(error: unknown): string | undefined {
  const { cause } = error as { cause?: { name?: string } };
  return cause?.name;
}

/** Waits a random while that grows with the attempts. */
async function pause(attempt: number): Promise<void> {
  const longest = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** attempt);
  await new Promise((resolve) => setTimeout(resolve, Math.random() * longest));
}

async function importSdk(): Promise<Sdk> {
  try {
    return await import("@aws-sdk/client-dynamodb");
  } catch (cause) {
    throw new AnywireError(
      "unavailable",
      "the DynamoDB driver needs a package that is not installed: npm install @aws-sdk/client-dynamodb",
      { cause },
    );
  }
}
