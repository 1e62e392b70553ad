import type { LogEntry } from "@anywire/core";
import { isWildcard } from "@anywire/types";

/** Channels whose last entry is remembered; then it begins anew, and a gap is noticed one entry later. */
const MAX_CHANNELS = 100_000;

interface Waiter {
  readonly channel: string;
  readonly resolve: () => void;
  readonly deadline: number;
}

/** What the tail of a node has delivered, as far back as it could be needed, and who waits for what. */
export class Deliveries {
  readonly #timeoutMs: number;
  readonly #onLate: () => void;
  /** Offsets delivered after `complete`. */
  readonly #recent = new Set<number>();
  #complete = 0;
  #last = 0;
  readonly #lastOf = new Map<string, number>();
  readonly #waiters = new Map<number, Waiter>();
  #timer: NodeJS.Timeout | undefined;

  /** @param onLate called when something that is waited for did not come in time; nobody waits for it any longer. */
  constructor(timeoutMs: number, onLate: () => void) {
    this.#timeoutMs = timeoutMs;
    this.#onLate = onLate;
  }

  /** Up to this offset nothing that is followed is missing. */
  get complete(): number {
    return this.#complete;
  }

  /** The largest offset that was delivered, or is known to be complete. */
  get last(): number {
    return this.#last;
  }

  /** Begins anew: nothing is missing up to an offset. */
  reset(complete: number): void {
    this.#recent.clear();
    this.#complete = complete;
    this.#last = complete;
    this.#lastOf.clear();
    this.#settleTo(complete);
  }

  /** Whether an offset was delivered, or needs not be. */
  has(offset: number): boolean {
    if (offset > this.#last) return false;
    return offset <= this.#complete || this.#recent.has(offset);
  }

  /** Offset of the channel's last entry that was delivered; `otherwise` when that is not known. */
  lastOf(channel: string, otherwise: number): number {
    return this.#lastOf.get(channel) ?? otherwise;
  }

  /** A pattern is followed no more: what comes on it meanwhile is no gap. */
  forget(pattern: string): void {
    if (isWildcard(pattern)) this.#lastOf.clear();
    else this.#lastOf.delete(pattern);
  }

  /** An entry is being delivered. */
  add({ channel, offset }: LogEntry): void {
    this.#recent.add(offset);
    this.#last = Math.max(this.#last, offset);
    if (this.#lastOf.size >= MAX_CHANNELS) this.#lastOf.clear();
    this.#lastOf.set(channel, offset);
  }

  /** Nothing is missing up to an offset. */
  completeTo(offset: number): void {
    if (offset <= this.#complete) return;
    this.#complete = offset;
    this.#last = Math.max(this.#last, offset);
    for (const delivered of this.#recent) if (delivered <= offset) this.#recent.delete(delivered);
    this.#settleTo(offset);
  }

  /** Resolves once an entry has been delivered, or the time is over. */
  wait(channel: string, offset: number): Promise<void> {
    this.#timer ??= setInterval(() => this.#endLate(), this.#timeoutMs / 4);
    return new Promise((resolve) => {
      const deadline = performance.now() + this.#timeoutMs;
      this.#waiters.set(offset, { channel, resolve, deadline });
    });
  }

  /** An entry has been delivered. */
  settle(offset: number): void {
    if (this.#waiters.size === 0) return;
    this.#waiters.get(offset)?.resolve();
    this.#waiters.delete(offset);
    this.#stopLooking();
  }

  /** Lets those go whose channel is not followed any more. */
  release(isFollowed: (channel: string) => boolean): void {
    for (const [offset, { channel, resolve }] of this.#waiters) {
      if (isFollowed(channel)) continue;
      this.#waiters.delete(offset);
      resolve();
    }
  }

  /** Lets everybody go. */
  close(): void {
    this.release(() => false);
    this.#stopLooking();
  }

  /** What is complete is not delivered any more. */
  #settleTo(complete: number): void {
    for (const offset of this.#waiters.keys()) if (offset <= complete) this.settle(offset);
  }

  #endLate(): void {
    const now = performance.now();
    let isLate = false;
    for (const [offset, { resolve, deadline }] of this.#waiters) {
      if (deadline > now) continue;
      this.#waiters.delete(offset);
      resolve();
      isLate = true;
    }
    if (isLate) this.#onLate();
    this.#stopLooking();
  }

  #stopLooking(): void {
    if (this.#waiters.size > 0) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
  }
}
