import { AnywireError } from "@anywire/types";

/**
 * The life of one driver: started once, open, closed. Calls go through `run`, which refuses them outside
 * of that life and lets `close` wait for those that are under way.
 */
export class Gate {
  readonly #name: string;
  #isOpen = false;
  #running = 0;
  #starting: Promise<void> | null = null;
  #closing: Promise<void> | null = null;
  #onDrained: (() => void) | null = null;

  /** @param name what a refusal calls the driver, such as `log` */
  constructor(name: string) {
    this.#name = name;
  }

  /** Opens the gate when `start` has resolved. A second call gets the first one's result. */
  start(start: () => Promise<void>): Promise<void> {
    if (this.#closing !== null) return Promise.reject(this.#refusal());
    this.#starting ??= start().then(() => {
      this.#isOpen = this.#closing === null;
    });
    return this.#starting;
  }

  /** Makes a call. @throws {AnywireError} `unavailable` before the start and after the end. */
  run<T>(call: () => Promise<T>): Promise<T> {
    if (!this.#isOpen) return Promise.reject(this.#refusal());
    this.#running += 1;
    const running = call();
    running.then(this.#done, this.#done);
    return running;
  }

  /** @throws {AnywireError} `unavailable` before the start and after the end. */
  assertOpen(): void {
    if (!this.#isOpen) throw this.#refusal();
  }

  /**
   * Ends it: `wind` runs while calls are still let in, then the gate shuts, and once the calls under way
   * have settled, `close` runs, even if `wind` failed. A second call gets the first one's result.
   */
  close(close: () => Promise<void>, wind?: () => Promise<void>): Promise<void> {
    this.#closing ??= this.#end(close, wind);
    return this.#closing;
  }

  async #end(close: () => Promise<void>, wind?: () => Promise<void>): Promise<void> {
    // Before anything is awaited: without `wind`, calls are refused from this moment on.
    if (wind === undefined) this.#isOpen = false;
    await this.#starting?.catch(() => {});
    try {
      if (this.#isOpen) await wind?.();
    } finally {
      this.#isOpen = false;
      if (this.#running > 0) await new Promise<void>((resolve) => (this.#onDrained = resolve));
      await close();
    }
  }

  readonly #done = (): void => {
    this.#running -= 1;
    if (this.#running === 0) this.#onDrained?.();
  };

  #refusal(): AnywireError {
    const state = this.#closing === null ? "has not been started" : "is closed";
    return new AnywireError("unavailable", `the ${this.#name} ${state}`);
  }
}
