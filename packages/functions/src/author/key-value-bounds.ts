import { AnywireError } from "@anywire/types";
import type { KeepOptions, ListKeysOptions } from "./context.ts";
import { describeValue } from "./describe-value.ts";
import { isTooDeep, TOO_DEEP } from "./json-depth.ts";

const MAX_KEY_LENGTH = 256;
const MAX_VALUE_LENGTH = 65_536;
/** A year. */
const MAX_TTL_MS = 31_536_000_000;
const MAX_LISTED = 1_000;
const LONE_SURROGATE = /\p{Surrogate}/u;

/**
 * Lets a key of the key-value store pass.
 * @throws {AnywireError} `bad_request`
 */
export function checkKey(key: unknown, what = "the key"): string {
  const isKey =
    typeof key === "string" &&
    key.length > 0 &&
    key.length <= MAX_KEY_LENGTH &&
    !LONE_SURROGATE.test(key) &&
    !key.includes("\0");
  if (isKey) return key;
  throw refused(
    `${what} is ${describeValue(key)}; it must be 1 to ${MAX_KEY_LENGTH} characters without a lone surrogate or a null character`,
  );
}

/**
 * A value as it is kept, JSON.
 * @throws {AnywireError} `bad_request`, `too_large`
 */
export function toValueJson(key: string, value: unknown): string {
  const json = stringify(key, value);
  if (json.length > MAX_VALUE_LENGTH) {
    throw new AnywireError(
      "too_large",
      `the value of ${key} has ${json.length} characters as JSON, more than ${MAX_VALUE_LENGTH}; keep it in parts, or less of it`,
    );
  }
  if (!isTooDeep(json)) return json;
  throw new AnywireError("too_large", `the value of ${key} is ${TOO_DEEP}`);
}

function stringify(key: string, value: unknown): string {
  let cause: unknown;
  try {
    // Escapes lone surrogates, which no store keeps.
    const json = JSON.stringify(value);
    if (json !== undefined) return json;
  } catch (thrown) {
    cause = thrown;
  }
  const message = `the value of ${key} is ${describeValue(value)}; it must be JSON`;
  throw new AnywireError("bad_request", message, { cause });
}

/**
 * Lets pass how to keep a value.
 * @throws {AnywireError} `bad_request`
 */
export function checkKeepOptions(options: KeepOptions | undefined): KeepOptions {
  const ttlMs = options?.ttlMs;
  return ttlMs === undefined ? {} : { ttlMs: checkWhole("ttlMs", ttlMs, 1, MAX_TTL_MS) };
}

/**
 * Which keys to list, with the defaults filled in.
 * @throws {AnywireError} `bad_request`
 */
export function checkListOptions({ prefix = "", after = "", limit = 100 }: ListKeysOptions = {}): {
  readonly prefix: string;
  readonly after: string;
  readonly limit: number;
} {
  if (prefix !== "") checkKey(prefix, "the prefix");
  if (after !== "") checkKey(after, "after");
  return { prefix, after, limit: checkWhole("limit", limit, 1, MAX_LISTED) };
}

/**
 * Lets pass what to add to a number.
 * @throws {AnywireError} `bad_request`
 */
export function checkAddend(by: unknown): number {
  return checkWhole("what to add", by, Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER);
}

/**
 * Lets pass the revision that a key must be at.
 * @throws {AnywireError} `bad_request`
 */
export function checkRevision(revision: unknown): number {
  return checkWhole("the revision", revision, 0, Number.MAX_SAFE_INTEGER);
}

function checkWhole(what: string, value: unknown, least: number, most: number): number {
  if (typeof value === "number" && Number.isSafeInteger(value)) {
    if (value >= least && value <= most) return value;
  }
  throw refused(
    `${what} is ${describeValue(value)}; it must be a whole number from ${least} to ${most}`,
  );
}

function refused(message: string): AnywireError {
  return new AnywireError("bad_request", message);
}
