import { AnywireError, toAnywireError } from "@anywire/types";
import { FunctionBuildError, type Revision } from "../bundle/revision.ts";
import { revisionId } from "../bundle/revision-id.ts";
import type { Deployment } from "../host/deployment.ts";
import { type Candidate, candidatesOf, missingIn, type Wish } from "./candidates.ts";

/** What a rollout needs. */
export interface RolloutOptions {
  /** Gives a revision by its id. */
  readonly load: (id: string) => Promise<Revision>;
  /** Runs a deployment in place of what ran. When it rejects, what ran goes on. */
  readonly run: (deployment: Deployment) => Promise<void>;
  /** Wait before the second attempt, ms; doubles with each one. Default 100. */
  readonly minBackoffMs?: number;
}

/** What came of a wish. */
export interface RolledOut {
  /** Why not all of it runs; null when it does. */
  readonly problem: Error | null;
  /** Ids of the revisions that do not, though they were wished. */
  readonly missing: ReadonlySet<string>;
}

/** What runs, and by which ids. */
export interface Running extends RolledOut {
  readonly candidate: Candidate;
  readonly deployment: Deployment;
}

interface Waiter {
  readonly resolve: (rolledOut: RolledOut) => void;
  readonly reject: (error: AnywireError) => void;
}

const MIN_BACKOFF_MS = 100;
const MAX_BACKOFF_MS = 10_000;
/** So many attempts are made before those who wait are told that it takes longer. */
const PATIENCE = 6;

/**
 * Brings to run what was wished last: of several wishes in a row only the last one is loaded. A revision that cannot be loaded is
 * left out, and the next best runs; what fails otherwise, such as a store that is away, is tried again until it works or something else is wished.
 */
export class Rollout {
  readonly #options: RolloutOptions;
  #running: Running | null = null;
  /** What is wished and not begun. */
  #next: Wish | null = null;
  #waiters: Waiter[] = [];
  #working: Promise<void> | null = null;
  #failures = 0;
  #failure: AnywireError | null = null;
  #endPause: () => void = () => {};
  #isClosed = false;

  constructor(options: RolloutOptions) {
    this.#options = options;
  }

  /** What runs; null before the first wish came true. */
  get running(): Running | null {
    return this.#running;
  }

  /** Why what was wished last does not run yet, while it is tried again. */
  get failure(): AnywireError | null {
    return this.#failure;
  }

  /**
   * Resolves when this, or what was wished later, runs as far as it can be loaded.
   * @throws {AnywireError} what it fails with when it takes long; it is tried again all the same. `unavailable` after `close`.
   */
  want(wish: Wish): Promise<RolledOut> {
    if (this.#isClosed) return Promise.reject(closed());
    this.#next = wish;
    this.#failures = 0;
    this.#endPause();
    return new Promise((resolve, reject) => {
      this.#waiters.push({ resolve, reject });
      this.#working ??= this.#work();
    });
  }

  /** Lets what is being brought to run finish, and begins nothing more. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#next = null;
    this.#endPause();
    await this.#working;
    settle(this.#waiters, ({ reject }) => reject(closed()));
  }

  async #work(): Promise<void> {
    for (let wish = this.#next; wish !== null; wish = this.#next) {
      this.#next = null;
      const waiters = this.#waiters;
      this.#waiters = [];
      try {
        const running = await this.#runBest(wish);
        this.#running = running;
        this.#failure = null;
        this.#failures = 0;
        settle(waiters, ({ resolve }) => resolve(running));
      } catch (error) {
        this.#waiters.unshift(...waiters);
        await this.#fail(wish, toAnywireError(error));
      }
    }
    this.#working = null;
  }

  /** Whoever wished something else meanwhile has it next, otherwise it is the same again after a wait. */
  async #fail(wish: Wish, error: AnywireError): Promise<void> {
    if (this.#next !== null || this.#isClosed) return;
    this.#failure = error;
    this.#failures += 1;
    if (this.#failures === PATIENCE) settle(this.#waiters, ({ reject }) => reject(error));
    await this.#pause();
    if (!this.#isClosed) this.#next ??= wish;
  }

  async #runBest(wish: Wish): Promise<Running> {
    let problem: Error | null = null;
    for (const candidate of candidatesOf(wish)) {
      try {
        const deployment = await this.#compose(candidate, wish);
        await this.#options.run(deployment);
        return { candidate, deployment, problem, missing: missingIn(candidate, wish) };
      } catch (error) {
        if (!isOfTheRevision(error)) throw error;
        problem ??= error;
      }
    }
    throw problem ?? new AnywireError("internal", "there is nothing to run");
  }

  async #compose({ active, canary, shadow }: Candidate, wish: Wish): Promise<Deployment> {
    const load = (id: string): Promise<Revision> => this.#load(id);
    const { disabled } = wish;
    const since: Record<string, number> = Object.create(null);
    for (const [name, offset] of wish.since) since[name] = offset;
    return {
      active: active === null ? await emptyRevision() : await load(active),
      ...(canary !== null && {
        canary: { revision: await load(canary.revision), percent: canary.percent },
      }),
      ...(shadow !== null && { shadow: await load(shadow) }),
      disabled,
      since,
    };
  }

  async #load(id: string): Promise<Revision> {
    const { active, canary, shadow } = this.#running?.deployment ?? {};
    const loaded = [active, canary?.revision, shadow].find((revision) => revision?.id === id);
    return loaded ?? (await this.#options.load(id));
  }

  #pause(): Promise<void> {
    const { minBackoffMs = MIN_BACKOFF_MS } = this.#options;
    const waitMs = Math.min(minBackoffMs * 2 ** (this.#failures - 1), MAX_BACKOFF_MS);
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, waitMs);
      this.#endPause = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}

function settle(waiters: Waiter[], tell: (waiter: Waiter) => void): void {
  for (const waiter of waiters.splice(0)) tell(waiter);
}

/** Whether a failure is the revision's own: it would be the same each time. */
function isOfTheRevision(error: unknown): error is Error {
  if (error instanceof AnywireError) return error.code === "storage_damaged";
  return error instanceof FunctionBuildError;
}

async function emptyRevision(): Promise<Revision> {
  return { id: revisionId([]), functions: [] };
}

function closed(): AnywireError {
  return new AnywireError("unavailable", "the deployments are closed");
}
