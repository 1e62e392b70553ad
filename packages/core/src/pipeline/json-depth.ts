/**
 * Whether arrays and objects are nested deeper than `depth`; a bare value has depth 0. Looks no further
 * than that, so that hostile nesting can't exhaust the stack.
 */
export function isDeeperThan(value: unknown, depth: number): boolean {
  if (typeof value !== "object" || value === null) return false;
  return depth === 0 || Object.values(value).some((inner) => isDeeperThan(inner, depth - 1));
}
