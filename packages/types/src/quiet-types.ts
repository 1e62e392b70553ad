/**
 * Channel types that a wide pattern such as `production.>` does not mean, only one that names them: what concerns one account
 * alone, and what the server keeps for itself. Only the server writes to them.
 */
export const QUIET_TYPES = ["notification", "system", "event", "connection"] as const;

const QUIET: ReadonlySet<string> = new Set(QUIET_TYPES);
const PREFIXES = QUIET_TYPES.map((type) => `${type}.`);

/** Whether a channel type is one of {@link QUIET_TYPES}. */
export function isQuietType(type: string): boolean {
  return QUIET.has(type);
}

/** Whether a valid channel name or pattern names one of {@link QUIET_TYPES}. */
export function namesQuietType(pattern: string): boolean {
  // On the way of every message, so nothing is taken apart.
  const from = pattern.indexOf(".") + 1;
  return PREFIXES.some((prefix) => pattern.startsWith(prefix, from));
}
