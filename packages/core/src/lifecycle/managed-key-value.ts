import { AnywireError } from "@anywire/types";
import type {
  KeyValue,
  KeyValueCapabilities,
  KeyValuePage,
  KeyValueQuery,
  KeyValueStore,
  KeyValueWrite,
} from "../ports/key-value-store.ts";
import { Gate } from "./gate.ts";

const MAX_KEY_LENGTH = 512;
const MAX_VALUE_LENGTH = 65_536;
const LONE_SURROGATE = /\p{Surrogate}/u;
const MAX_LIMIT = 1_000;
/** A year. */
const MAX_TTL_MS = 31_536_000_000;

/**
 * Gives a driver the life that `KeyValueStore` promises, and the bounds: it is started once; before that and after
 * `close` every call rejects with `unavailable`; `close` waits for calls under way; a key, a value or a number that
 * cannot be one never reaches the driver.
 */
export function manageKeyValue(driver: KeyValueStore): KeyValueStore {
  return new ManagedKeyValue(driver);
}

class ManagedKeyValue implements KeyValueStore {
  readonly capabilities: KeyValueCapabilities;
  readonly #driver: KeyValueStore;
  readonly #gate = new Gate("key-value store");

  constructor(driver: KeyValueStore) {
    this.#driver = driver;
    this.capabilities = driver.capabilities;
  }

  start(): Promise<void> {
    return this.#gate.start(() => this.#driver.start());
  }

  get(key: string): Promise<KeyValue | undefined> {
    return this.#gate.run(async () => {
      assertKey(key);
      return this.#driver.get(key);
    });
  }

  set(key: string, value: string, write: KeyValueWrite = {}): Promise<number> {
    return this.#gate.run(async () => {
      assertKey(key);
      assertValue(value);
      assertNumber("ttlMs", write.ttlMs, 1, MAX_TTL_MS);
      assertNumber("revision", write.revision, 0);
      return this.#driver.set(key, value, write);
    });
  }

  delete(key: string, revision?: number): Promise<void> {
    return this.#gate.run(async () => {
      assertKey(key);
      assertNumber("revision", revision, 0);
      return this.#driver.delete(key, revision);
    });
  }

  list(query: KeyValueQuery): Promise<KeyValuePage> {
    return this.#gate.run(async () => {
      if (query.prefix !== "") assertKey(query.prefix);
      if (query.after !== undefined && query.after !== "") assertKey(query.after);
      assertNumber("limit", query.limit, 1, MAX_LIMIT);
      return this.#driver.list(query);
    });
  }

  add(key: string, delta: number, write: Pick<KeyValueWrite, "ttlMs"> = {}): Promise<number> {
    return this.#gate.run(async () => {
      assertKey(key);
      assertNumber("delta", delta, Number.MIN_SAFE_INTEGER);
      assertNumber("ttlMs", write.ttlMs, 1, MAX_TTL_MS);
      return this.#driver.add(key, delta, write);
    });
  }

  close(): Promise<void> {
    return this.#gate.close(() => this.#driver.close());
  }
}

function assertKey(key: string): void {
  const isKey =
    key.length > 0 &&
    key.length <= MAX_KEY_LENGTH &&
    !LONE_SURROGATE.test(key) &&
    !key.includes("\0");
  if (isKey) return;
  throw new AnywireError(
    "bad_request",
    `a key is 1 to ${MAX_KEY_LENGTH} characters without a lone surrogate or a null character`,
  );
}

function assertValue(value: string): void {
  if (value.length > MAX_VALUE_LENGTH) {
    const message = `a value is at most ${MAX_VALUE_LENGTH} characters, not ${value.length}`;
    throw new AnywireError("too_large", message);
  }
  if (!LONE_SURROGATE.test(value)) return;
  throw new AnywireError("bad_request", "a value has a lone surrogate: encode what is no text");
}

function assertNumber(
  name: string,
  value: number | undefined,
  least: number,
  most: number = Number.MAX_SAFE_INTEGER,
): void {
  if (value === undefined) return;
  if (Number.isSafeInteger(value) && value >= least && value <= most) return;
  const range = `from ${least} to ${most}`;
  throw new AnywireError("bad_request", `${name} is a whole number ${range}, not ${value}`);
}
