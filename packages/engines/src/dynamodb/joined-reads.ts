import { nameOfKey, type RowKey } from "./row-keys.ts";
import type { Attributes } from "./state-row.ts";

/** Requests under way while others wait to be joined. */
const MAX_REQUESTS = 4;

/** Rows by the names of their keys, perhaps more than one has asked for. */
export type FoundRows = ReadonlyMap<string, Attributes>;

interface Reader {
  readonly keys: readonly RowKey[];
  /** In the time of `performance.now`. */
  readonly since: number;
  resolve(found: FoundRows): void;
  reject(error: unknown): void;
}

/**
 * Joins reads that come within one turn of the event loop, or while enough requests are under way, into requests of
 * many keys. A read never joins a request that has begun: it sees whatever was written before it.
 */
export class JoinedReads {
  readonly #maxKeys: number;
  readonly #request: (keys: readonly RowKey[]) => Promise<FoundRows>;
  #waiting: Reader[] = [];
  #isPlanned = false;
  #running = 0;

  /** @param maxKeys of one request, each key once */
  constructor(maxKeys: number, request: (keys: readonly RowKey[]) => Promise<FoundRows>) {
    this.#maxKeys = maxKeys;
    this.#request = request;
  }

  /** Rows of at most as many keys as a request takes. Rejects with the error of the request. */
  read(keys: readonly RowKey[]): Promise<FoundRows> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ keys, since: performance.now(), resolve, reject });
      this.#plan();
    });
  }

  #plan(): void {
    if (this.#isPlanned || this.#waiting.length === 0) return;
    this.#isPlanned = true;
    setImmediate(() => {
      this.#isPlanned = false;
      while (this.#running < MAX_REQUESTS && this.#waiting.length > 0) void this.#run();
    });
  }

  async #run(): Promise<void> {
    this.#running += 1;
    const startedAt = performance.now();
    const { readers, keys } = this.#take();
    try {
      const found = await this.#request(keys);
      for (const { resolve } of readers) resolve(found);
    } catch (error) {
      // Who has waited for as long as was tried in vain would only wait as long again.
      const isOver = ({ since }: Reader): boolean => since < startedAt;
      const over = this.#waiting.filter(isOver);
      this.#waiting = this.#waiting.filter((reader) => !isOver(reader));
      for (const { reject } of [...readers, ...over]) reject(error);
    }
    this.#running -= 1;
    this.#plan();
  }

  /** Takes those who have waited longest, as many as fit into one request. */
  #take(): { readers: Reader[]; keys: RowKey[] } {
    const keys = new Map<string, RowKey>();
    const readers: Reader[] = [];
    for (const reader of this.#waiting) {
      const fresh = reader.keys.filter((key) => !keys.has(nameOfKey(key)));
      if (readers.length > 0 && keys.size + fresh.length > this.#maxKeys) break;
      for (const key of fresh) keys.set(nameOfKey(key), key);
      readers.push(reader);
    }
    this.#waiting.splice(0, readers.length);
    return { readers, keys: [...keys.values()] };
  }
}
