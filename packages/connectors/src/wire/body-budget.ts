import { AnywireError } from "@anywire/types";

/** What one request holds of a budget. */
export interface BodyLease {
  /** More bytes came. @throws {AnywireError} `unavailable` when there is no room for them */
  take(bytes: number): void;
  /** All that came are let go of. */
  release(): void;
}

/**
 * How much memory the bodies of requests may hold together that anybody can make: each has its bound, but strangers make as many
 * requests as they like. Small ones always pass, so that large ones which never end keep nobody else out.
 */
export class BodyBudget {
  readonly #maxBytes: number;
  readonly #freeBytes: number;
  #heldBytes = 0;

  /** @param freeBytes of each body do not count */
  constructor(maxBytes: number, freeBytes: number) {
    this.#maxBytes = maxBytes;
    this.#freeBytes = freeBytes;
  }

  /** For one request. */
  open(): BodyLease {
    let size = 0;
    let held = 0;
    return {
      take: (bytes) => {
        size += bytes;
        const more = Math.max(0, size - this.#freeBytes) - held;
        if (this.#heldBytes + more > this.#maxBytes) throw full();
        this.#heldBytes += more;
        held += more;
      },
      release: () => {
        this.#heldBytes -= held;
        held = 0;
        size = 0;
      },
    };
  }
}

function full(): AnywireError {
  return new AnywireError(
    "unavailable",
    "too many large requests are being taken in; try again later",
    { details: { retryAfterMs: 1000 } },
  );
}
