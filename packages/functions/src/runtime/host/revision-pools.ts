import { type AnywireError, toAnywireError } from "@anywire/types";
import type { Revision } from "../bundle/revision.ts";
import type { FunctionPool, PoolStats } from "../pool/function-pool.ts";

/** The pools of the revisions that are loaded, each once. */
export class RevisionPools {
  readonly #create: (revision: Revision) => Promise<FunctionPool>;
  readonly #onError: (error: AnywireError) => void;
  readonly #pools = new Map<string, FunctionPool>();
  /** Those that are ending, and when each has. */
  readonly #closing = new Map<FunctionPool, Promise<void>>();
  /** Workers replaced in pools that ended: the sum never falls. */
  #replacedBefore = 0;

  constructor(
    create: (revision: Revision) => Promise<FunctionPool>,
    onError: (error: AnywireError) => void,
  ) {
    this.#create = create;
    this.#onError = onError;
  }

  /** The pool of a loaded revision; undefined for one without functions, for which there is none. */
  get(revision: string): FunctionPool | undefined {
    return this.#pools.get(revision);
  }

  /** Loads what is not loaded: all of them, or none. Rejects with what loading the first bad one rejects with. */
  async load(revisions: readonly Revision[]): Promise<void> {
    const missing = new Map<string, Revision>();
    for (const revision of revisions) {
      const isEmpty = revision.functions.length === 0;
      if (!isEmpty && !this.#pools.has(revision.id)) missing.set(revision.id, revision);
    }
    const outcomes = await Promise.allSettled([...missing.values()].map(this.#create));
    const failed = outcomes.find((outcome) => outcome.status === "rejected");
    for (const outcome of outcomes) {
      if (outcome.status === "rejected") continue;
      if (failed === undefined) this.#pools.set(outcome.value.revision, outcome.value);
      else this.#close(outcome.value);
    }
    if (failed !== undefined) throw failed.reason;
  }

  /** Ends the pools of all revisions but these, once their runs are done. */
  keepOnly(revisions: ReadonlySet<string>): void {
    for (const [id, pool] of this.#pools) {
      if (revisions.has(id)) continue;
      this.#pools.delete(id);
      this.#close(pool);
    }
  }

  /** Of all that are loaded. */
  stats(): PoolStats {
    const sum = { workers: 0, queued: 0, running: 0, replaced: this.#replacedBefore };
    for (const pool of this.#pools.values()) {
      const stats = pool.stats();
      sum.workers += stats.workers;
      sum.queued += stats.queued;
      sum.running += stats.running;
      sum.replaced += stats.replaced;
    }
    return sum;
  }

  async close(): Promise<void> {
    this.keepOnly(new Set());
    await Promise.all(this.#closing.values());
  }

  /** Has nobody wait for what is under way: it is over as `stopped`. */
  stop(): void {
    for (const pool of [...this.#pools.values(), ...this.#closing.keys()]) pool.stop();
  }

  #close(pool: FunctionPool): void {
    this.#replacedBefore += pool.stats().replaced;
    const closing = pool
      .close()
      .catch((error: unknown) => this.#onError(toAnywireError(error)))
      .finally(() => this.#closing.delete(pool));
    this.#closing.set(pool, closing);
  }
}
