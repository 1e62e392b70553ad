/** How fast something may leave, and what it is counted by. */
export interface Rate {
  /** Those who name the same one share it. */
  readonly key: string;
  /** From one unit to the next, ms. */
  readonly intervalMs: number;
  /** Units at once after a rest. */
  readonly burst: number;
  readonly unit: "message" | "segment";
}

interface Bucket {
  /** When the next unit would leave if all left evenly, ms. */
  nextAt: number;
  pausedUntil: number;
  /** The time that somebody was told to come back at. */
  awaited: number;
  /** Who was told to wait, and since when. */
  readonly waiting: Map<string, number>;
}

/** A timer that is late by up to this much of an interval, and so many ms, costs no throughput. */
const LATENESS = 0.9;
const LATENESS_MS = 250;
/** How long somebody who waits longer is waited for. */
const GRACE_MS = 50;
const MANY = 10_000;

/**
 * Rates over all connections, evenly spaced: each unit leaves an interval after the one before it, and after a rest as many at
 * once as the burst says. Whoever shares a rate gets it by turns. It only counts: whoever must wait is told until when. `now` is by a
 * clock that is never set.
 */
export class RateLimiter {
  readonly #buckets = new Map<string, Bucket>();
  #pruneAt = MANY;

  /** When something may leave under all these rates: now, or that much later. */
  freeAt(rates: readonly Rate[], taker: string, now: number): number {
    let at = now;
    for (const rate of rates) at = Math.max(at, this.#freeAt(rate, taker, now));
    return at;
  }

  /** One message, of one segment for now, leaves. */
  take(rates: readonly Rate[], taker: string, now: number): void {
    for (const rate of rates) {
      const bucket = this.#bucket(rate.key, now);
      const wasAwaited = bucket.awaited === bucket.nextAt;
      const isLate = now - bucket.nextAt <= Math.min(rate.intervalMs * LATENESS, LATENESS_MS);
      const from = wasAwaited && isLate ? bucket.nextAt : Math.max(bucket.nextAt, now);
      bucket.nextAt = from + rate.intervalMs;
      bucket.waiting.delete(taker);
    }
  }

  /** What was taken turns out to count for more or less: -1 for a message that did not leave after all. */
  adjust(rates: readonly Rate[], more: { readonly messages: number; readonly segments: number }) {
    for (const { key, intervalMs, unit } of rates) {
      const bucket = this.#buckets.get(key);
      if (bucket !== undefined)
        bucket.nextAt += intervalMs * (unit === "message" ? more.messages : more.segments);
    }
  }

  /** Nothing leaves before. */
  pause(rates: readonly Rate[], until: number, now: number): void {
    for (const { key } of rates) {
      const bucket = this.#bucket(key, now);
      bucket.pausedUntil = Math.max(bucket.pausedUntil, until);
    }
  }

  #freeAt(rate: Rate, taker: string, now: number): number {
    const bucket = this.#bucket(rate.key, now);
    const evenly = bucket.nextAt - (rate.burst - 1) * rate.intervalMs;
    const at = Math.max(evenly, bucket.pausedUntil);
    if (at > now) {
      if (at === bucket.nextAt) bucket.awaited = at;
      if (!bucket.waiting.has(taker)) bucket.waiting.set(taker, now);
      return at;
    }
    return this.#isTurn(bucket, taker, at, now) ? now : at + GRACE_MS;
  }

  /** Whether nobody has waited longer, or whoever has does not come. */
  #isTurn(bucket: Bucket, taker: string, at: number, now: number): boolean {
    if (now >= at + GRACE_MS) {
      bucket.waiting.clear();
      return true;
    }
    const mine = bucket.waiting.get(taker) ?? now;
    for (const [other, since] of bucket.waiting) {
      if (other === taker || since >= mine) continue;
      bucket.waiting.set(taker, mine);
      return false;
    }
    return true;
  }

  #bucket(key: string, now: number): Bucket {
    let bucket = this.#buckets.get(key);
    if (bucket === undefined) {
      if (this.#buckets.size >= this.#pruneAt) this.#prune(now);
      bucket = { nextAt: 0, pausedUntil: 0, awaited: -1, waiting: new Map() };
      this.#buckets.set(key, bucket);
    }
    return bucket;
  }

  /** Those at rest are as good as none: recipients come and go. */
  #prune(now: number): void {
    for (const [key, { nextAt, pausedUntil }] of this.#buckets) {
      if (nextAt < now && pausedUntil < now) this.#buckets.delete(key);
    }
    this.#pruneAt = Math.max(MANY, this.#buckets.size * 2);
  }
}
