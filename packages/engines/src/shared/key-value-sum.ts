import { AnywireError } from "@anywire/types/plain";

/**
 * What an addition makes of what is kept, if anything.
 * @throws {AnywireError} `bad_request` when that, or the sum, is no safe integer.
 */
export function sumOf(key: string, kept: string | undefined, delta: number): number {
  const number = kept === undefined ? 0 : Number(kept);
  if (!Number.isSafeInteger(number) || (kept !== undefined && String(number) !== kept)) {
    throw new AnywireError("bad_request", `what is kept under ${key} is no whole number`);
  }
  const sum = number + delta;
  if (Number.isSafeInteger(sum)) return sum;
  throw new AnywireError("bad_request", `the sum under ${key} would be too large to be exact`);
}
