import { inspect, isDeepStrictEqual } from "node:util";

/** Ends a rule with words for the connector's author. @throws {Error} unless the claim holds */
export function expectThat(claim: boolean, words: string): asserts claim {
  if (!claim) throw new Error(words);
}

/** @throws {Error} with both values unless they are deeply equal */
export function expectEqual(actual: unknown, expected: unknown, words: string): void {
  if (isDeepStrictEqual(actual, expected)) return;
  throw new Error(`${words}\nexpected: ${show(expected)}\ncame:     ${show(actual)}`);
}

/** A value for a person to read, cut where it is long. */
export function show(value: unknown): string {
  const text = inspect(value, { depth: 8, breakLength: 100, maxStringLength: 300 });
  return text.length > 2000 ? `${text.slice(0, 2000)} …` : text;
}

/** What an unknown error says. */
export function wordsOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** Gives up waiting, so that what hangs fails with words. @throws {Error} when it takes longer, or what the work throws */
export async function within<T>(limitMs: number, what: string, work: Promise<T> | T): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${what} took longer than ${limitMs} ms`)), limitMs);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
