/** How long to wait for what must come before a test is told that it did not, ms. */
const PATIENCE_MS = 15_000;

/** Collects what comes in, and lets a test await what it expects instead of sleeping. */
export class Inbox<T> {
  readonly #name: string;
  readonly #items: T[] = [];
  readonly #onPush = new Set<() => void>();

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
    for (const check of [...this.#onPush]) check();
  }

  /** Everything so far, as soon as that is `count` items or more. Rejects when they do not come. */
  async atLeast(count: number): Promise<readonly T[]> {
    await this.#until(() => this.#items.length >= count, `${count} items`);
    return this.#items;
  }

  /** The first item that fits, past or future. Rejects when none comes. */
  async find(fits: (item: T) => boolean, what = "one that fits"): Promise<T> {
    await this.#until(() => this.#items.some(fits), what);
    return this.#items.find(fits) as T;
  }

  #until(isMet: () => boolean, what: string): Promise<void> {
    if (isMet()) return Promise.resolve();
    return new Promise((resolve, reject) => {
      const check = (): void => {
        if (isMet()) settle(resolve);
      };
      const giveUp = (): void => {
        const got = `${this.#items.length} came, the last: ${this.#describeLast()}`;
        settle(() => reject(new Error(`${this.#name}: waited in vain for ${what}; ${got}`)));
      };
      const settle = (done: () => void): void => {
        clearTimeout(timer);
        this.#onPush.delete(check);
        done();
      };
      const timer = setTimeout(giveUp, PATIENCE_MS);
      this.#onPush.add(check);
    });
  }

  #describeLast(): string {
    return String(JSON.stringify(this.#items.at(-1))).slice(0, 200);
  }
}
