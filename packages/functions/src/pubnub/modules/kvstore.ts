import type { FunctionKeyValue } from "../../author/context.ts";
import { currentContext } from "../current-run.ts";
import { badArgument } from "../unsupported.ts";

const MINUTE_MS = 60_000;
const DEFAULT_TTL_MINUTES = 1_440;
const MAX_TTL_MINUTES = 525_600;
/** PubNub keeps counters apart from values. */
const COUNTER_PREFIX = "pubnub-counter:";
/** Larger than every key of a counter. */
const AFTER_COUNTERS = `${COUNTER_PREFIX}\u{10ffff}`;
const PAGE = 100;

/**
 * Keys, as far as they fit on a page. PubNub's own examples read it as an array, or its `keys` and `next`: it is both.
 */
export type KeysPage = readonly string[] & {
  readonly keys: readonly string[];
  /** Gives the next page; null after the last one. */
  readonly next: string | null;
};

/**
 * `kvstore` of PubNub, on the keys and values of the platform: what one function keeps through it, another one finds
 * under the same key in its `kv`. Counters are kept apart, as PubNub does, under `pubnub-counter:<key>`.
 * @see https://www.pubnub.com/docs/serverless-sdk/modules-and-libraries/kvstore
 */
export const kvstore = {
  /** The value, or null when there is none. */
  async get(key: string): Promise<unknown> {
    return (await kv().get(valueKey("get", key))) ?? null;
  },
  /** Keeps any JSON. `ttlMinutes` is 1,440 when it is not given, and brought between 1 and 525,600. */
  async set(key: string, value: unknown, ttlMinutes?: number | null): Promise<void> {
    await kv().set(valueKey("set", key), value, { ttlMs: ttlMs("set", ttlMinutes) });
  },
  /** The value as text: what is no text is given as JSON. Null when there is none. */
  async getItem(key: string): Promise<string | null> {
    const value = await kv().get(valueKey("getItem", key));
    if (value === undefined) return null;
    return typeof value === "string" ? value : JSON.stringify(value);
  },
  /** Keeps a text. */
  async setItem(key: string, text: string, ttlMinutes?: number | null): Promise<void> {
    await kv().set(valueKey("setItem", key), String(text), { ttlMs: ttlMs("setItem", ttlMinutes) });
  },
  /** Takes a value away; a counter of the same key stays. */
  async removeItem(key: string): Promise<void> {
    await kv().delete(valueKey("removeItem", key));
  },
  /** The first 100 keys of values, or those after a page. */
  getKeys: (after?: string | null): Promise<KeysPage> => listValues(after ?? undefined),
  /** The sum, 0 when nothing was ever added. */
  async getCounter(key: string): Promise<number> {
    return (await kv().get<number>(COUNTER_PREFIX + key)) ?? 0;
  },
  /** Adds a whole number and gives the sum. Counters do not end with time. */
  async incrCounter(key: string, by = 1): Promise<number> {
    return kv().increment(COUNTER_PREFIX + key, by);
  },
  /** The first 100 keys of counters, or those after a page. */
  getCounterKeys: (after?: string | null): Promise<KeysPage> => listCounters(after ?? undefined),
};

function kv(): FunctionKeyValue {
  return currentContext().kv;
}

function valueKey(method: string, key: string): string {
  if (typeof key === "string" && key.startsWith(COUNTER_PREFIX)) {
    throw badArgument(`kvstore.${method}`, `keys that begin with ${COUNTER_PREFIX} are counters'`);
  }
  return key;
}

function ttlMs(method: string, minutes: number | null | undefined): number {
  const given = minutes ?? DEFAULT_TTL_MINUTES;
  if (typeof given !== "number" || Number.isNaN(given)) {
    throw badArgument(`kvstore.${method}`, "the time to live must be a number of minutes");
  }
  return Math.round(Math.min(Math.max(given, 1), MAX_TTL_MINUTES) * MINUTE_MS);
}

async function listValues(after: string | undefined): Promise<KeysPage> {
  const found: string[] = [];
  let last = after;
  // One more than a page, to know whether there is another.
  while (found.length <= PAGE) {
    const page = await kv().list({
      limit: PAGE + 1,
      ...(last === undefined ? {} : { after: last }),
    });
    for (const key of page) {
      if (!key.startsWith(COUNTER_PREFIX)) found.push(key);
      last = key;
    }
    if (page.length <= PAGE) break;
    // Past all counters at once: there may be many.
    if (last?.startsWith(COUNTER_PREFIX)) last = AFTER_COUNTERS;
  }
  return keysPage(found);
}

async function listCounters(after: string | undefined): Promise<KeysPage> {
  const keys = await kv().list({
    prefix: COUNTER_PREFIX,
    limit: PAGE + 1,
    ...(after === undefined ? {} : { after: COUNTER_PREFIX + after }),
  });
  return keysPage(keys.map((key) => key.slice(COUNTER_PREFIX.length)));
}

function keysPage(found: readonly string[]): KeysPage {
  const keys = found.slice(0, PAGE);
  const next = found.length > PAGE ? (keys.at(-1) ?? null) : null;
  return Object.assign([...keys], { keys, next });
}
