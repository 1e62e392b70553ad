import { patternTokens } from "./channel-pattern.ts";

type Leaf<T> = Map<string, Set<T>>;
type Branch<T> = Map<string, Leaf<T>>;

/**
 * Holds values under channel patterns and finds those whose pattern matches a channel. A look-up takes
 * at most fourteen map reads (two platforms, four types, eight ids), however many patterns there are.
 */
export class PatternMatcher<T> {
  readonly #platforms = new Map<string, Branch<T>>();
  #size = 0;

  /** How many (pattern, value) pairs are held. */
  get size(): number {
    return this.#size;
  }

  /** Adds a value under a valid pattern; the same pair twice counts once. */
  add(pattern: string, value: T): void {
    const [platform, type, id] = patternTokens(pattern);
    const types = getOrCreate(this.#platforms, platform, () => new Map());
    const ids = getOrCreate(types, type, () => new Map());
    const values = getOrCreate(ids, id, () => new Set<T>());
    if (values.has(value)) return;
    values.add(value);
    this.#size += 1;
  }

  /** Takes a value out from under a pattern. Returns whether it was there. */
  delete(pattern: string, value: T): boolean {
    const [platform, type, id] = patternTokens(pattern);
    const types = this.#platforms.get(platform);
    const ids = types?.get(type);
    const values = ids?.get(id);
    if (values?.delete(value) !== true) return false;
    this.#size -= 1;
    if (values.size === 0) ids?.delete(id);
    if (ids?.size === 0) types?.delete(type);
    if (types?.size === 0) this.#platforms.delete(platform);
    return true;
  }

  /**
   * Calls `visit` once for each (pattern, value) pair whose pattern matches the valid channel name. `visit`
   * may take out the value it is called with.
   */
  forEachMatch(channel: string, visit: (value: T) => void): void {
    if (this.#size === 0) return;
    const first = channel.indexOf(".");
    const second = channel.indexOf(".", first + 1);
    const type = channel.slice(first + 1, second);
    const id = channel.slice(second + 1);
    visitTypes(this.#platforms.get(channel.slice(0, first)), type, id, visit);
    visitTypes(this.#platforms.get("*"), type, id, visit);
  }

  /** The values whose pattern matches the channel. */
  match(channel: string): T[] {
    const found: T[] = [];
    this.forEachMatch(channel, (value) => found.push(value));
    return found;
  }
}

function visitTypes<T>(
  types: Branch<T> | undefined,
  type: string,
  id: string,
  visit: (value: T) => void,
): void {
  if (types === undefined) return;
  visitIds(types.get(type), id, visit);
  visitIds(types.get("*"), id, visit);
}

function visitIds<T>(ids: Leaf<T> | undefined, id: string, visit: (value: T) => void): void {
  if (ids === undefined) return;
  for (const value of ids.get(id) ?? []) visit(value);
  for (const value of ids.get("*") ?? []) visit(value);
}

function getOrCreate<V>(map: Map<string, V>, key: string, create: () => V): V {
  let value = map.get(key);
  if (value === undefined) {
    value = create();
    map.set(key, value);
  }
  return value;
}
