import { AnywireError } from "@anywire/types";
import type { SocketConfig } from "../../config/config.ts";
import { RateLimit } from "./rate-limit.ts";

/** Commands beyond the rate that a connection may send at once before it is cut. */
const MAX_EXCESS = 1000;

/** How many commands one connection may still send. */
export class CommandBudget {
  readonly #perSecond: number;
  readonly #commands: RateLimit;
  /** Commands beyond the rate; null until there was one. */
  #excess: RateLimit | null = null;

  /** @param now milliseconds on a clock that never goes back */
  constructor({ maxCommandsPerSecond, maxCommandBurst }: SocketConfig, now: number) {
    this.#perSecond = maxCommandsPerSecond;
    this.#commands = new RateLimit(maxCommandsPerSecond, maxCommandBurst, now);
  }

  /**
   * Counts a command.
   * @throws {AnywireError} `rate_limited` when it is one too many.
   */
  spend(now: number): void {
    const retryAfterMs = this.#commands.take(now);
    if (retryAfterMs === 0) return;
    const maxCommandsPerSecond = this.#perSecond;
    throw new AnywireError(
      "rate_limited",
      `more than ${maxCommandsPerSecond} commands a second; try again in ${retryAfterMs} ms`,
      { details: { retryAfterMs, maxCommandsPerSecond } },
    );
  }

  /** Counts a refusal for the rate. Returns whether there were too many: who only goes on is cut. */
  overspend(now: number): boolean {
    this.#excess ??= new RateLimit(this.#perSecond, MAX_EXCESS, now);
    return this.#excess.take(now) > 0;
  }
}
