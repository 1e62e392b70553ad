/** Each bucket is so much wider than the one before: its middle is within 5 % of all that is in it. */
const GROWTH = 1.1;
const LOG_GROWTH = Math.log(GROWTH);
/** The upper end of the first bucket, ms. */
const LEAST_MS = 0.01;
/** Up to 17 minutes, far beyond any deadline. */
const BUCKETS = 194;

/** Counts durations in a fixed room, and says the one that so many of them were below, 5 % exact from 0.01 ms on. */
export class DurationHistogram {
  readonly #counts = new Uint32Array(BUCKETS);
  #total = 0;

  add(durationMs: number): void {
    this.#counts[bucketOf(durationMs)] = (this.#counts[bucketOf(durationMs)] ?? 0) + 1;
    this.#total += 1;
  }

  /** What a share of all durations, above 0 and up to 1, did not exceed; null when there is none. */
  quantile(share: number): number | null {
    if (this.#total === 0) return null;
    let left = Math.ceil(this.#total * share);
    for (let i = 0; i < BUCKETS; i += 1) {
      left -= this.#counts[i] ?? 0;
      if (left <= 0) return middleOf(i);
    }
    return middleOf(BUCKETS - 1);
  }

  /** Its buckets that are not empty, as pairs of index and count, to be sent to another node. */
  toPairs(): [bucket: number, count: number][] {
    const pairs: [number, number][] = [];
    this.#counts.forEach((count, bucket) => {
      if (count > 0) pairs.push([bucket, count]);
    });
    return pairs;
  }

  /** Adds what another one counted. */
  addPairs(pairs: readonly (readonly [bucket: number, count: number])[]): void {
    for (const [bucket, count] of pairs) {
      if (bucket >= BUCKETS) continue;
      this.#counts[bucket] = (this.#counts[bucket] ?? 0) + count;
      this.#total += count;
    }
  }
}

function bucketOf(durationMs: number): number {
  if (!(durationMs > LEAST_MS)) return 0;
  return Math.min(BUCKETS - 1, Math.ceil(Math.log(durationMs / LEAST_MS) / LOG_GROWTH));
}

function middleOf(bucket: number): number {
  if (bucket === 0) return LEAST_MS;
  return LEAST_MS * GROWTH ** (bucket - 0.5);
}
