import { AnywireError } from "@anywire/types";

const DAY_MS = 24 * 60 * 60 * 1000;

/** How long a token service that failed is left in peace. */
const RETRY_AFTER_MS = 60_000;

/** When a JWT runs out, milliseconds since the Unix epoch; `Infinity` when it does not say. */
export function tokenExpiresAt(token: string): number {
  try {
    const payload = (token.split(".")[1] ?? "").replaceAll("-", "+").replaceAll("_", "/");
    const { exp } = JSON.parse(atob(payload)) as { exp?: unknown };
    return typeof exp === "number" ? exp * 1000 : Number.POSITIVE_INFINITY;
  } catch {
    // Not a token that can be read here; whether it is good is the server's to say.
    return Number.POSITIVE_INFINITY;
  }
}

/** Keeps the token of a client and renews it in good time. */
export class TokenSource {
  #token: string;
  readonly #fetch: (() => Promise<string>) | undefined;
  /** Before this, an open connection goes on with the token it has. */
  #renewAfter = 0;

  constructor(token: string | undefined, fetch: (() => Promise<string>) | undefined) {
    if (token === undefined && fetch === undefined) {
      throw new AnywireError("bad_request", "createClient needs a token or getToken");
    }
    this.#token = token ?? "";
    this.#fetch = fetch;
  }

  /** The last token, or empty when there was none yet. */
  get token(): string {
    return this.#token;
  }

  /** Whether a new token can be had. */
  get canRenew(): boolean {
    return this.#fetch !== undefined;
  }

  /** Whether to fetch a new token before the next request: it can be had, and the last one has a day or less left. */
  isDue(now: number): boolean {
    return this.canRenew && (this.#token === "" || tokenExpiresAt(this.#token) - now <= DAY_MS);
  }

  /**
   * The same on an open connection. Where tokens never last a day, each is used for half of the time it has when it comes:
   * otherwise every request would fetch one.
   */
  isDueOnOpen(now: number): boolean {
    return now >= this.#renewAfter && this.isDue(now);
  }

  /**
   * Fetches a new token. Failing that, the last one is given as long as it holds: a token service that
   * is down keeps nobody offline who has hours left.
   */
  async renew(now: number): Promise<string> {
    this.#renewAfter = now + RETRY_AFTER_MS;
    try {
      this.#token = (await this.#fetch?.()) ?? "";
      this.#renewAfter = now + (tokenExpiresAt(this.#token) - now) / 2;
    } catch (thrown) {
      const isRefusal = thrown instanceof AnywireError && thrown.code === "unauthenticated";
      if (isRefusal || this.#token === "" || tokenExpiresAt(this.#token) <= now) throw thrown;
    }
    return this.#token;
  }
}
