import { AnywireError, toAnywireError } from "@anywire/types";
import type { KeyValueStore } from "../ports/key-value-store.ts";

/** What a lease is for. */
export interface LeaseOptions {
  /** Nodes that name the same share one lease. */
  readonly name: string;
  /** How long a node may be silent before another takes over, ms. */
  readonly leaseMs: number;
  /** Told what `work` threw while the lease was held, and of the first of failures in a row to reach the store. */
  readonly onError?: (error: AnywireError) => void;
}

/** A node's part in a lease. */
export interface LeaseHolder {
  /** Whether this node surely has the lease right now. */
  readonly isHeld: boolean;
  /**
   * Aborts the work, waits for its end while the lease is still kept, and gives the lease back: another node has it
   * as soon as it asks. A second call waits for the first.
   */
  close(): Promise<void>;
}

/** How often a node asks for its lease, or for another's, in a lease's length. */
const ASKS = 3;
/**
 * A holder stops so much of a lease's length before the store lets another have it: a timer may be late, clocks do
 * not run quite evenly, and what is aborted takes a moment to end.
 */
const MARGIN = 0.1;

/**
 * Has one of all nodes that name the same lease run `work`, for as long as it lives. The signal aborts when the lease
 * cannot be renewed in time, before another node may take over: judged by this node's own clock, which is never set
 * back, from when the renewal was asked for. Work that ends or throws is started again, three times in a lease's
 * length at most. Work that does not heed its signal may overlap with another node's, never with its own.
 *
 * Standby nodes ask three times in a lease's length, so a lost node is replaced within 1.4 lengths, and what the
 * store takes to notice the end of a key.
 */
export function holdLease(
  kv: KeyValueStore,
  options: LeaseOptions,
  work: (signal: AbortSignal) => Promise<void>,
): LeaseHolder {
  const lease = new Lease(kv, options, work);
  lease.start();
  return lease;
}

class Lease implements LeaseHolder {
  readonly #kv: KeyValueStore;
  readonly #key: string;
  readonly #leaseMs: number;
  readonly #onError: (error: AnywireError) => void;
  readonly #work: (signal: AbortSignal) => Promise<void>;
  /** Who this node is among those of the name. */
  readonly #holder = crypto.randomUUID();
  /** Until when the lease is surely ours, in the time of `performance.now`. */
  #heldUntil = 0;
  #abort = new AbortController();
  #working: Promise<void> | null = null;
  #asking: Promise<void> = Promise.resolve();
  #askTimer: ReturnType<typeof setTimeout> | undefined;
  #endTimer: ReturnType<typeof setTimeout> | undefined;
  #isFailing = false;
  #closing: Promise<void> | null = null;

  constructor(
    kv: KeyValueStore,
    { name, leaseMs, onError }: LeaseOptions,
    work: (signal: AbortSignal) => Promise<void>,
  ) {
    this.#kv = kv;
    this.#key = `lease.${name}`;
    this.#leaseMs = leaseMs;
    this.#onError = onError ?? (() => {});
    this.#work = work;
  }

  get isHeld(): boolean {
    return performance.now() < this.#heldUntil;
  }

  /** Asks for the lease, and again and again. */
  start(): void {
    this.#asking = this.#ask().then(() => {
      this.#askTimer = setTimeout(() => this.start(), this.#leaseMs / ASKS);
    });
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    this.#abort.abort(new AnywireError("unavailable", "this node is closing"));
    // The lease is renewed until then, so that no other node starts while this one still ends.
    await this.#working;
    await this.#asking;
    clearTimeout(this.#askTimer);
    clearTimeout(this.#endTimer);
    this.#heldUntil = 0;
    await this.#release().catch(() => {
      // The store cannot be reached: the lease runs out by itself.
    });
  }

  async #ask(): Promise<void> {
    // Work of a lost lease may not have ended yet: as long as that is so, another node had better have it.
    if (!this.isHeld && this.#working !== null) return;
    try {
      await this.#take();
      this.#isFailing = false;
    } catch (error) {
      // What was written by whom is read at the next turn.
      if (!this.#isFailing && !isConflict(error)) this.#onError(toAnywireError(error));
      this.#isFailing = !isConflict(error);
    }
  }

  async #take(): Promise<void> {
    const kept = await this.#kv.get(this.#key);
    if (kept !== undefined && kept.value !== this.#holder) return;
    const askedAt = performance.now();
    const ours = { revision: kept?.revision ?? 0, ttlMs: this.#leaseMs };
    await this.#kv.set(this.#key, this.#holder, ours);
    this.#hold(askedAt + this.#leaseMs * (1 - MARGIN));
  }

  #hold(until: number): void {
    const isRenewal = this.isHeld;
    this.#heldUntil = until;
    if (!this.isHeld) return;
    clearTimeout(this.#endTimer);
    this.#endTimer = setTimeout(() => this.#lose(), until - performance.now());
    if (this.#closing !== null || this.#working !== null) return;
    if (!isRenewal || this.#abort.signal.aborted) this.#abort = new AbortController();
    this.#working = this.#run(this.#abort.signal).finally(() => {
      this.#working = null;
    });
  }

  #lose(): void {
    this.#heldUntil = 0;
    const message = `the lease ${this.#key} could not be renewed in time: another node may have it`;
    this.#abort.abort(new AnywireError("unavailable", message));
  }

  async #run(signal: AbortSignal): Promise<void> {
    try {
      await this.#work(signal);
    } catch (error) {
      // What ends because it was told to is no failure.
      if (!signal.aborted) this.#onError(toAnywireError(error));
    }
  }

  async #release(): Promise<void> {
    const kept = await this.#kv.get(this.#key);
    if (kept?.value === this.#holder) await this.#kv.delete(this.#key, kept.revision);
  }
}

function isConflict(error: unknown): boolean {
  return error instanceof AnywireError && error.code === "conflict";
}
