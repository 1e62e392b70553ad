import type { KeyValue } from "@anywire/core";
import { AnywireError } from "@anywire/types/plain";

/**
 * Lets a write go on only when a key is at the revision that was asked for, if any was.
 * @throws {AnywireError} `conflict` when it is not.
 */
export function assertRevision(
  key: string,
  kept: Pick<KeyValue, "revision"> | undefined,
  revision: number | undefined,
): void {
  const actual = kept?.revision ?? 0;
  if (revision === undefined || revision === actual) return;
  const message =
    actual === 0
      ? `nothing is kept under ${key}: read again`
      : `what is kept under ${key} has changed: read again`;
  throw new AnywireError("conflict", message);
}
