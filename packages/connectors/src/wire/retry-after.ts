const LONGEST_MS = 86_400_000;

/**
 * When a network will listen again, ms from now, as the header `Retry-After` says it: in seconds, or as a date. At least 1, at most a
 * day. Undefined where it says nothing that can be read, or names a moment that is over.
 * @see https://www.rfc-editor.org/rfc/rfc9110#field.retry-after
 */
export function retryAfterMs(header: string | null, now: number = Date.now()): number | undefined {
  if (header === null) return undefined;
  const isSeconds = /^\s*\d+(?:\.\d+)?\s*$/.test(header);
  const waitMs = isSeconds ? Number(header) * 1000 : Date.parse(header) - now;
  return waitMs > 0 ? Math.min(Math.ceil(waitMs), LONGEST_MS) : undefined;
}
