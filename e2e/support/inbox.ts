/** How long to wait for what must come before a test is told that it did not, ms. */
const PATIENCE_MS = 15_000;

/** Collects what comes in, and lets a test await what it expects instead of sleeping. */
export class Inbox<T> {
  readonly #name: string;
  readonly #items: T[] = [];
  readonly #listeners = new Set<(item: T) => void>();

  /** @param name says in a failure what was waited for */
  constructor(name: string) {
    this.#name = name;
  }

  /** Everything so far, oldest first. */
  get items(): readonly T[] {
    return this.#items;
  }

  /** Takes something in. */
  push(item: T): void {
    this.#items.push(item);
    for (const listen of this.#listeners) listen(item);
  }

  /** Everything so far, as soon as that is `count` items or more. Rejects when they do not come. */
  async atLeast(count: number): Promise<readonly T[]> {
    if (this.#items.length < count) {
      await this.#next(() => this.#items.length >= count, `${count} items`);
    }
    return this.#items;
  }

  /** The first item that fits, past or future. Rejects when none comes. */
  async find(fits: (item: T) => boolean, what = "one that fits"): Promise<T> {
    return this.#items.find(fits) ?? this.#next(fits, what);
  }

  #next(fits: (item: T) => boolean, what: string): Promise<T> {
    return new Promise((resolve, reject) => {
      const listen = (item: T): void => {
        if (!fits(item)) return;
        stop();
        resolve(item);
      };
      const stop = (): void => {
        clearTimeout(timer);
        this.#listeners.delete(listen);
      };
      const timer = setTimeout(() => {
        stop();
        const got = `${this.#items.length} came, the last: ${this.#describeLast()}`;
        reject(new Error(`${this.#name}: waited in vain for ${what}; ${got}`));
      }, PATIENCE_MS);
      this.#listeners.add(listen);
    });
  }

  #describeLast(): string {
    return String(JSON.stringify(this.#items.at(-1))).slice(0, 200);
  }
}
