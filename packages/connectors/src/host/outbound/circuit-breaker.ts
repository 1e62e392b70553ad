import type { ConnectionHealth, DeliveryErrorClass } from "@anywire/types";

/** When a connection is left alone. */
export interface BreakerSettings {
  /** Failures in a row. */
  readonly breakerFailures: number;
  /** The first pause, ms; doubles. */
  readonly breakerPauseMs: number;
  /** The longest one, ms. */
  readonly breakerMaxPauseMs: number;
}

/** What failed. */
export interface Failure {
  readonly class: DeliveryErrorClass;
  readonly reason: string;
  /** When the network will listen again, ms from now. */
  readonly retryAfterMs?: number | undefined;
}

/** What a person has to do about it. */
const HUMAN_ACTIONS: Readonly<
  Partial<Record<DeliveryErrorClass, ConnectionHealth["humanAction"]>>
> = { auth: "relogin", payment: "pay" };

/**
 * Leaves a connection alone that does not work: after failures in a row, or at once where only a person can help. After a pause
 * one delivery tries it; when that fails, too, the pause is twice as long.
 */
export class CircuitBreaker {
  readonly #settings: BreakerSettings;
  #failures = 0;
  #pauseMs: number;
  #openUntil: number | null = null;
  #isProbing = false;
  #last: Failure | null = null;
  #checkedAt: number | null = null;

  constructor(settings: BreakerSettings) {
    this.#settings = settings;
    this.#pauseMs = settings.breakerPauseMs;
  }

  get state(): "closed" | "open" | "half_open" {
    if (this.#openUntil === null) return "closed";
    return this.#isProbing ? "half_open" : "open";
  }

  /** When something may be sent: 0 for at once, infinity while one delivery tries. */
  freeAt(): number {
    if (this.#isProbing) return Number.POSITIVE_INFINITY;
    return this.#openUntil ?? 0;
  }

  /** Something is sent now. Returns whether it is the one that tries. */
  begin(): boolean {
    this.#isProbing = this.#openUntil !== null;
    return this.#isProbing;
  }

  /** The network answered. */
  succeeded(now: number): void {
    this.#failures = 0;
    this.#openUntil = null;
    this.#isProbing = false;
    this.#pauseMs = this.#settings.breakerPauseMs;
    this.#last = null;
    this.#checkedAt = now;
  }

  /** The network was not reached, did not answer, or won't have us. */
  failed(failure: Failure, now: number): void {
    this.#failures += 1;
    this.#last = failure;
    this.#checkedAt = now;
    const needsPerson = HUMAN_ACTIONS[failure.class] !== undefined;
    const isOpen = this.#openUntil !== null;
    if (!isOpen && !needsPerson && this.#failures < this.#settings.breakerFailures) return;
    // Those that were under way when it opened say nothing new.
    if (isOpen && !this.#isProbing) return;
    const pauseMs = Math.max(this.#pauseMs, failure.retryAfterMs ?? 0);
    this.#openUntil = now + pauseMs;
    this.#isProbing = false;
    this.#pauseMs = Math.min(this.#pauseMs * 2, this.#settings.breakerMaxPauseMs);
  }

  /** The one that tried was not sent after all: the next one tries. */
  abandoned(): void {
    this.#isProbing = false;
  }

  health(): ConnectionHealth {
    const state = this.#openUntil !== null ? "down" : this.#failures > 0 ? "degraded" : "ok";
    return {
      state: this.#checkedAt === null ? "unknown" : state,
      reason: this.#last?.reason ?? null,
      humanAction: (this.#last && HUMAN_ACTIONS[this.#last.class]) ?? "none",
      retryAt: this.#openUntil,
      checkedAt: this.#checkedAt,
    };
  }
}
