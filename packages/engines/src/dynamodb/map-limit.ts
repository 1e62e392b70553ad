/** Maps values by an asynchronous function, at most `limit` at a time. Results keep the order. */
export async function mapLimit<T, R>(
  values: readonly T[],
  limit: number,
  map: (value: T) => Promise<R>,
): Promise<R[]> {
  const results: R[] = [];
  let next = 0;
  const work = async (): Promise<void> => {
    for (let i = next++; i < values.length; i = next++) results[i] = await map(values[i] as T);
  };
  await Promise.all(Array.from({ length: Math.min(limit, values.length) }, work));
  return results;
}

/** Values in groups of at most `size`. */
export function chunksOf<T>(values: readonly T[], size: number): T[][] {
  const count = Math.ceil(values.length / size);
  return Array.from({ length: count }, (_, i) => values.slice(i * size, (i + 1) * size));
}
