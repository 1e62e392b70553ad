import { createHash, timingSafeEqual } from "node:crypto";

/** Whether a text is one of those expected. Takes the same time whatever differs, and whatever their lengths. */
export function isOneOf(given: string, expected: readonly string[]): boolean {
  const digest = digestOf(given);
  let isFound = false;
  for (const one of expected) {
    // Each is compared, also after one was found.
    if (timingSafeEqual(digest, digestOf(one))) isFound = true;
  }
  return isFound;
}

function digestOf(text: string): Buffer {
  return createHash("sha256").update(text).digest();
}
