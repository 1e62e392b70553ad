/**
 * Maps values by an asynchronous function, at most `limit` at a time. Results keep the order. Rejects with the first
 * failure, and then begins with no further value.
 */
export async function mapLimit<T, R>(
  values: Iterable<T>,
  limit: number,
  map: (value: T) => Promise<R>,
): Promise<R[]> {
  const results: R[] = [];
  // One iterator for all lanes: each takes the next value that none has taken.
  const rest = values[Symbol.iterator]();
  let taken = 0;
  let hasFailed = false;
  const lane = async (): Promise<void> => {
    for (let next = rest.next(); next.done !== true && !hasFailed; next = rest.next()) {
      const index = taken++;
      try {
        results[index] = await map(next.value);
      } catch (error) {
        hasFailed = true;
        throw error;
      }
    }
  };
  await Promise.all(Array.from({ length: limit }, lane));
  return results;
}

/** Values in groups of at most `size`. */
export function chunksOf<T>(values: readonly T[], size: number): T[][] {
  const count = Math.ceil(values.length / size);
  return Array.from({ length: count }, (_, i) => values.slice(i * size, (i + 1) * size));
}
