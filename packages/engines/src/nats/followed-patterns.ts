import { isWildcard, PatternMatcher, patternTokens } from "@anywire/types";

interface Followed {
  count: number;
  readonly ready: Promise<void>;
  readonly end: () => void;
}

/** The patterns that the listeners of a node follow, each begun once, however many follow it. */
export class FollowedPatterns {
  readonly #begin: (pattern: string) => { ready: Promise<void>; end: () => void };
  readonly #followed = new Map<string, Followed>();
  readonly #wildcards = new PatternMatcher<string>();
  /** Null when it has to be found out. */
  #cover: string | null = "";

  /** @param begin begins to follow a pattern: `ready` when everything on it is heard, `end` ends it. */
  constructor(begin: (pattern: string) => { ready: Promise<void>; end: () => void }) {
    this.#begin = begin;
  }

  /** Whether nothing is followed. */
  get isEmpty(): boolean {
    return this.#followed.size === 0;
  }

  /** One pattern that all of them are part of; empty when nothing is followed. */
  get cover(): string {
    this.#cover ??= coverOf([...this.#followed.keys()]);
    return this.#cover;
  }

  /** Whether a channel is followed. */
  has(channel: string): boolean {
    if (this.#followed.has(channel)) return true;
    return this.#wildcards.size > 0 && this.#wildcards.match(channel).length > 0;
  }

  /** Follows a pattern until the returned function is called; its second call is a no-op. */
  async follow(pattern: string): Promise<() => void> {
    let followed = this.#followed.get(pattern);
    if (followed === undefined) {
      followed = { count: 0, ...this.#begin(pattern) };
      this.#followed.set(pattern, followed);
      if (isWildcard(pattern)) this.#wildcards.add(pattern, pattern);
      this.#cover = null;
    }
    const end = this.#countIn(pattern, followed);
    try {
      await followed.ready;
    } catch (error) {
      end();
      throw error;
    }
    return end;
  }

  /** Ends all. */
  clear(): void {
    for (const [pattern, { end }] of this.#followed) {
      this.#wildcards.delete(pattern, pattern);
      end();
    }
    this.#followed.clear();
    this.#cover = "";
  }

  #countIn(pattern: string, followed: Followed): () => void {
    followed.count += 1;
    let isEnded = false;
    return () => {
      if (isEnded) return;
      isEnded = true;
      followed.count -= 1;
      if (followed.count > 0 || this.#followed.get(pattern) !== followed) return;
      this.#followed.delete(pattern);
      this.#wildcards.delete(pattern, pattern);
      this.#cover = null;
      followed.end();
    };
  }
}

/** The narrowest pattern that all of these are part of. */
function coverOf(patterns: readonly string[]): string {
  const [first, ...others] = patterns.map((pattern) => [...patternTokens(pattern)]);
  if (first === undefined) return "";
  for (const tokens of others) {
    for (const [i, token] of tokens.entries()) if (first[i] !== token) first[i] = "*";
  }
  const cover = first.join(".");
  return cover === "*.*.*" ? ">" : cover;
}
