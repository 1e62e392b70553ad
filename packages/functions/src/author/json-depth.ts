/**
 * Levels of objects and arrays in each other that JSON of functions may have. What is much deeper can be neither cloned into another
 * thread nor walked through: it exhausts the stack.
 */
export const MAX_JSON_DEPTH = 256;

/** What is said of JSON that is too deep. */
export const TOO_DEEP: string = `nested deeper than ${MAX_JSON_DEPTH} levels; make it flatter`;

/** Whether a JSON text is nested deeper than that. */
export function isTooDeep(json: string): boolean {
  // Each level has an opening and a closing character.
  return json.length > 2 * MAX_JSON_DEPTH && isDeeperThan(JSON.parse(json), MAX_JSON_DEPTH);
}

function isDeeperThan(value: unknown, depth: number): boolean {
  if (typeof value !== "object" || value === null) return false;
  return depth === 0 || Object.values(value).some((inner) => isDeeperThan(inner, depth - 1));
}
