import { AsyncLocalStorage } from "node:async_hooks";
import { randomUUID } from "node:crypto";

interface Kept {
  readonly value: unknown;
  readonly until: number;
}

interface Lock {
  readonly threadId: string;
  readonly token: string;
  readonly expiresAt: number;
}

const MAX_KEPT = 10_000;
const HOUR_MS = 3_600_000;

/**
 * The memory that adapters ask for. What they look up, such as names, is kept for a while. What tells that something was there before is
 * forgotten with its request: the host decides what is a duplicate, and a request that is read again tells the same.
 */
export class ChatState {
  readonly #kept = new Map<string, Kept>();
  readonly #requests = new AsyncLocalStorage<Map<string, unknown>>();

  /** Runs work that has a memory of its own. */
  forRequest(work: () => Promise<void>): Promise<void> {
    return this.#requests.run(new Map(), work);
  }

  async connect(): Promise<void> {}
  async disconnect(): Promise<void> {}

  async get(key: string): Promise<unknown> {
    const { value, until } = this.#kept.get(key) ?? {
      value: null,
      until: Number.POSITIVE_INFINITY,
    };
    return until > Date.now() ? value : null;
  }

  async set(key: string, value: unknown, ttlMs = HOUR_MS): Promise<void> {
    // That an event was delivered is for the host to say.
    if (/delivered|webhook-update|dedupe/.test(key)) return;
    this.#kept.delete(key);
    this.#kept.set(key, { value, until: Date.now() + ttlMs });
    const [oldest] = this.#kept.keys();
    if (this.#kept.size > MAX_KEPT && oldest !== undefined) this.#kept.delete(oldest);
  }

  async delete(key: string): Promise<void> {
    this.#kept.delete(key);
    this.#own.delete(key);
  }

  async setIfNotExists(key: string, value: unknown): Promise<boolean> {
    if (this.#own.has(key)) return false;
    this.#own.set(key, value);
    return true;
  }

  async appendToList(key: string, value: unknown): Promise<void> {
    this.#own.set(key, [...(await this.getList(key)), value]);
  }

  async getList(key: string): Promise<unknown[]> {
    return (this.#own.get(key) as unknown[] | undefined) ?? [];
  }

  async acquireLock(threadId: string, ttlMs: number): Promise<Lock> {
    return { threadId, token: randomUUID(), expiresAt: Date.now() + ttlMs };
  }

  async extendLock(): Promise<boolean> {
    return true;
  }
  async releaseLock(): Promise<void> {}
  async forceReleaseLock(): Promise<void> {}
  async subscribe(): Promise<void> {}
  async unsubscribe(): Promise<void> {}
  async isSubscribed(): Promise<boolean> {
    return true;
  }
  async enqueue(): Promise<number> {
    return 0;
  }
  async dequeue(): Promise<null> {
    return null;
  }
  async queueDepth(): Promise<number> {
    return 0;
  }

  get #own(): Map<string, unknown> {
    return this.#requests.getStore() ?? new Map();
  }
}
